import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryMetricExporter,
  AggregationTemporality,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type DeferredInput, deferMetrics } from '../../../src/metrics/deferred-metrics.ts';
import type { Metrics } from '../../../src/metrics/provider.ts';
import { METRICS_CONFIG } from '../../support/metrics-config.ts';
import { until } from '../../support/until.ts';

interface Deferred {
  readonly metrics: Metrics;
  readonly pushed: ResourceMetrics[];
  /** The resource is asked for when the metrics are made. */
  readonly made: () => number;
}

function defer(t: TestContext, input: Partial<DeferredInput> = {}): Deferred {
  const pushed: ResourceMetrics[] = [];
  let made = 0;
  const metrics = deferMetrics({
    config: METRICS_CONFIG,
    resource: (): Resource => {
      made += 1;
      return resourceFromAttributes({});
    },
    push: async (snapshot) => pushed.push(snapshot),
    ...input,
  });
  t.after(() => metrics.close());
  return { metrics, pushed, made: () => made };
}

test('a program without an instrument makes no metrics, and its flush pushes nothing', async (t) => {
  const { metrics, pushed, made } = defer(t);
  await metrics.flush();
  assert.deepEqual([metrics.isUsed(), metrics.hasNews(), pushed.length, made()], [false, false, 0, 0]);
  await metrics.close();
  assert.equal(made(), 0);
});

test('the first instrument makes them, once, and what it records is flushed', async (t) => {
  const { metrics, pushed, made } = defer(t);
  metrics.provider.getMeter('a').createCounter('hits').add(1);
  metrics.provider.getMeter('b');
  assert.deepEqual([made(), metrics.isUsed(), metrics.hasNews()], [1, true, true]);
  assert.equal(metrics.snapshotNow().scopeMetrics[0]?.metrics[0]?.descriptor.name, 'hits');
  await metrics.flush();
  assert.equal(pushed.length, 1);
});

test('who looks makes them', async (t) => {
  const { metrics, made } = defer(t, { push: undefined });
  const { errors } = await metrics.snapshot();
  assert.deepEqual([errors, made()], [[], 1]);
});

test('where snapshots are pushed they are made soon; where not, never unasked', async (t) => {
  const pushing = defer(t);
  const scraped = defer(t, { push: undefined });
  await until('made', () => pushing.made() === 1);
  assert.equal(scraped.made(), 0);
});

test('the parts of the user have them made at once', (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  assert.equal(defer(t, { readers: [reader] }).made(), 1);
  assert.equal(defer(t, { views: [{ instrumentName: 'x' }] }).made(), 1);
  assert.equal(defer(t, { readers: [], views: [], producers: [] }).made(), 0);
});

test('an instrument of a shutdown, or after it, starts no pushes', async (t) => {
  const config = { ...METRICS_CONFIG, exportIntervalMillis: 1, exportTimeoutMillis: 1 };
  const { metrics, pushed } = defer(t, { config });
  metrics.stopIntervals();
  metrics.provider.getMeter('late').createCounter('hits').add(1);
  await metrics.close();
  metrics.provider.getMeter('later').createCounter('hits').add(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(pushed.length, 0);
});

test('metrics that cannot be made cost the numbers, not the program', (t) => {
  const { metrics } = defer(t, {
    resource: () => {
      throw new Error('files were replaced under the running program');
    },
  });
  metrics.provider.getMeter('a').createHistogram('seconds').record(1);
  assert.equal(metrics.isUsed(), false);
});
