/**
 * Leaves out what the prom-client bridge brings under a name that is taken: the same name twice would be a page that
 * says one thing and a push that says two.
 *
 * Layer: metrics. Loaded with `prom-client.ts`.
 */
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { notify } from '../core/notices.ts';
import { nameKindOf } from '../encode/name-kind.ts';
import { createNamer } from '../encode/names.ts';
import { BRIDGE_SCOPE } from './prom-client.ts';

const namer = createNamer();

/** The first one wins, metrics of the OpenTelemetry API before bridged ones; one notice for each name. */
export function withoutTakenNames(metrics: ResourceMetrics): ResourceMetrics {
  const isBridged = ({ scope }: ResourceMetrics['scopeMetrics'][number]): boolean => scope.name === BRIDGE_SCOPE;
  const own = metrics.scopeMetrics.filter((each) => !isBridged(each));
  const bridged = metrics.scopeMetrics.filter(isBridged);
  if (bridged.length === 0) return metrics;
  const taken = new Set(own.flatMap((each) => each.metrics.map(nameOf)));
  const kept = bridged.map(({ scope, metrics: each }) => ({
    scope,
    metrics: each.filter((one) => isFree(one, taken)),
  }));
  return { ...metrics, scopeMetrics: [...own, ...kept] };
}

function isFree(metric: MetricData, taken: Set<string | undefined>): boolean {
  const name = nameOf(metric);
  if (!taken.has(name)) {
    taken.add(name);
    return true;
  }
  notify({
    code: 'DUOTEL_METRIC_NAME_TAKEN',
    key: name ?? '',
    message: `Metric ${name} of a prom-client registry is left out: another metric has that name. Remove one of the two.`,
  });
  return false;
}

function nameOf(metric: MetricData): string | undefined {
  return namer.metricName({ name: metric.descriptor.name, unit: metric.descriptor.unit, kind: nameKindOf(metric) });
}
