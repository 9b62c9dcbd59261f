/**
 * Compares what the official NodeSDK did with what we resolved.
 */
import assert from 'node:assert/strict';
import type { Config, TracesConfig } from '../../../src/config/config.ts';
import {
  bodiesOf,
  contentType,
  describeDestination,
  describeRequest,
  pathOf,
  resourceOf,
  sharesOf,
  SIGNALS,
} from './describe.ts';
import { ITEMS } from './items.ts';
import type { Limits, Shares } from './program.ts';
import type { Seen, SentRequest } from './run.ts';

export function assertSameRequests({ seen, config }: { readonly seen: Seen; readonly config: Config }): void {
  const silent = config.traces.sampler.name === 'always_off' || sharesOf(config.traces.sampler).root === 0;
  const expected = SIGNALS.filter((signal) => !config.disabled && !(signal === 'traces' && silent)).flatMap(
    (signal) => config[signal].otlp ?? [],
  );
  const distinct = (values: readonly object[]): readonly string[] =>
    [...new Set(values.map((value) => JSON.stringify(value)))].toSorted();
  const isSure = silent || [0, 1].includes(sharesOf(config.traces.sampler).root);
  const sent = isSure ? seen.requests : [...seen.requests, ...undecided(seen, config)];
  assert.deepEqual(distinct(sent.map(describeRequest)), distinct(expected.map(describeDestination)));
}

/** With a ratio between, seven spans may all be left out; then the request of traces is taken as seen. */
function undecided(seen: Seen, { traces }: Config): readonly SentRequest[] {
  const path = traces.otlp && pathOf(traces.otlp.url);
  if (traces.otlp === undefined || path === undefined || seen.requests.some((request) => request.path === path))
    return [];
  return [{ path, headers: { 'content-type': contentType(traces.otlp) }, body: Buffer.alloc(0) }];
}

export function assertSameShares({ shares }: Seen, sampler: TracesConfig['sampler']): void {
  for (const [parent, share] of Object.entries(sharesOf(sampler))) {
    const seen = shares[parent as keyof Shares];
    const tolerance = share === 0 || share === 1 ? 0 : 0.12;
    assert.ok(Math.abs(seen - share) <= tolerance, `${parent}: ${seen} sampled, ${share} expected`);
  }
}

export function limitsOf({ limits }: TracesConfig): Limits {
  const attributes = Math.min(limits.attributeCountLimit, 200);
  return {
    attributes,
    events: limits.eventCountLimit,
    links: limits.linkCountLimit,
    eventAttributes: limits.attributePerEventCountLimit,
    linkAttributes: limits.attributePerLinkCountLimit,
    textLength: attributes === 0 ? null : Math.min(limits.attributeValueLengthLimit ?? 200, 200),
  };
}

export function assertSameBodies(seen: Seen, { traces, metrics, logs, resource }: Config): void {
  const bodies = bodiesOf(seen);
  const spans = bodies
    .flatMap((body) => body.resourceSpans ?? [])
    .map(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans).length);
  assert.ok(Math.max(...spans) <= traces.batch.maxExportBatchSize);
  assert.equal(spans[0], Math.min(traces.batch.maxExportBatchSize, ITEMS));
  const record = bodies.flatMap((body) => body.resourceLogs ?? [])[0]?.scopeLogs[0]?.logRecords[0];
  assert.equal(record?.attributes.length, logs.limits.attributeCountLimit);
  assert.equal(record.attributes[0]?.value.stringValue?.length, logs.limits.attributeValueLengthLimit ?? 200);
  const sum = bodies.flatMap((body) => body.resourceMetrics ?? [])[0]?.scopeMetrics[0]?.metrics[0]?.sum;
  assert.equal(sum?.aggregationTemporality, metrics.otlp?.temporality === undefined ? 2 : 1);
  const sent = resourceOf(seen);
  for (const [name, value] of Object.entries(resource.attributes)) assert.equal(sent[name], value);
  if (resource.serviceName !== undefined) assert.equal(sent['service.name'], resource.serviceName);
}
