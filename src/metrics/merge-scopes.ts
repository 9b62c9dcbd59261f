/**
 * Puts the metrics of several producers together, each scope once.
 *
 * Layer: metrics.
 */
import type { CollectionResult, ScopeMetrics } from '@opentelemetry/sdk-metrics';

/** One result of several; the resource is that of the first. */
export function mergeResults(first: CollectionResult, others: readonly CollectionResult[]): CollectionResult {
  return {
    resourceMetrics: {
      resource: first.resourceMetrics.resource,
      scopeMetrics: mergeScopes([first, ...others].flatMap(({ resourceMetrics }) => resourceMetrics.scopeMetrics)),
    },
    errors: [first, ...others].flatMap(({ errors }) => errors),
  };
}

/** Joins entries of the same scope; the given ones are left as they are. */
export function mergeScopes(scopes: readonly ScopeMetrics[]): ScopeMetrics[] {
  const merged = new Map<string, ScopeMetrics>();
  for (const { scope, metrics } of scopes) {
    const id = JSON.stringify([scope.name, scope.version ?? '', scope.schemaUrl ?? '']);
    const known = merged.get(id);
    merged.set(id, { scope, metrics: known === undefined ? metrics : [...known.metrics, ...metrics] });
  }
  return [...merged.values()];
}
