import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MeterProvider } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createMetrics, type Metrics, type MetricsInput } from '../../../src/metrics/provider.ts';
import { METRICS_CONFIG } from '../../support/metrics-config.ts';
import { until } from '../../support/until.ts';

interface Made {
  readonly metrics: Metrics;
  readonly pushed: ResourceMetrics[];
  readonly made: string[];
}

function create(t: TestContext, input: Partial<MetricsInput> = {}): Made {
  const pushed: ResourceMetrics[] = [];
  const made: string[] = [];
  const background = (provider: MeterProvider): { stop(): void } => {
    made.push('made');
    const meter = provider.getMeter('ours');
    meter.createCounter('ours.recorded').add(1);
    meter.createObservableGauge('ours.observed').addCallback((result) => result.observe(2));
    return { stop: () => void made.push('stopped') };
  };
  const metrics = createMetrics({
    config: METRICS_CONFIG,
    resource: resourceFromAttributes({}),
    push: async (snapshot) => pushed.push(snapshot),
    background,
    ...input,
  });
  t.after(() => metrics.close());
  return { metrics, pushed, made };
}

function namesOf({ scopeMetrics }: ResourceMetrics): string[] {
  return scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
}

test('they are made at the first page, once, and are on each', async (t) => {
  const { metrics, made } = create(t, { push: undefined });
  assert.deepEqual(made, []);
  for (const page of [await metrics.snapshot(), await metrics.snapshot()]) {
    assert.deepEqual(namesOf(page.resourceMetrics), ['ours.recorded', 'ours.observed']);
  }
  assert.deepEqual(made, ['made']);
});

test('where snapshots are pushed they are made soon, and are no reason for a push at the end', async (t) => {
  const { metrics, made, pushed } = create(t);
  await until('made', () => made.length === 1);
  await metrics.flush();
  assert.deepEqual([pushed.length, metrics.isUsed(), metrics.hasNews()], [0, false, false]);
});

test('they are in what is pushed at the end because the application recorded something', async (t) => {
  const { metrics, made, pushed } = create(t);
  await until('made', () => made.length === 1);
  metrics.provider.getMeter('app').createCounter('orders').add(1);
  assert.equal(metrics.hasNews(), true);
  await metrics.flush();
  const names = ['orders', 'ours.recorded', 'ours.observed'];
  assert.deepEqual(pushed.map(namesOf), [names]);
  assert.deepEqual(namesOf(metrics.snapshotNow()), names);
  assert.equal(metrics.hasNews(), false);
});

test('the end of a program does not make them', async (t) => {
  const { metrics, made } = create(t);
  metrics.provider.getMeter('app').createCounter('orders').add(1);
  await metrics.flush();
  metrics.snapshotNow();
  assert.deepEqual(made, []);
});

test('they are stopped with the metrics, and not made after that', async (t) => {
  const used = create(t);
  await used.metrics.snapshot();
  await used.metrics.close();
  assert.deepEqual(used.made, ['made', 'stopped']);
  const unused = create(t);
  await unused.metrics.close();
  await unused.metrics.snapshot().catch(() => undefined);
  assert.deepEqual(unused.made, []);
});

test('they take no series away from the application', async (t) => {
  const limits = { ...METRICS_CONFIG.limits, totalSeries: 2 };
  const { metrics } = create(t, { push: undefined, config: { ...METRICS_CONFIG, limits } });
  await metrics.snapshot();
  const counter = metrics.provider.getMeter('app').createCounter('orders');
  for (const id of ['a', 'b']) counter.add(1, { id });
  const { scopeMetrics } = metrics.snapshotNow();
  const points = scopeMetrics.find(({ scope }) => scope.name === 'app')?.metrics[0]?.dataPoints;
  assert.deepEqual(
    points?.map(({ attributes }) => attributes),
    [{ id: 'a' }, { id: 'b' }],
  );
});

test('a failure to make them costs nothing else', async (t) => {
  const background = (): never => {
    throw new Error('no perf_hooks');
  };
  const { metrics } = create(t, { background });
  metrics.provider.getMeter('app').createCounter('orders').add(1);
  assert.deepEqual(namesOf((await metrics.snapshot()).resourceMetrics), ['orders']);
});

test("the user's views apply to them, which is no use either", async (t) => {
  const views = [
    { instrumentName: 'ours.recorded', aggregation: { type: AggregationType.DROP } },
    { instrumentName: 'ours.observed', name: 'renamed' },
  ];
  const { metrics } = create(t, { push: undefined, views });
  assert.deepEqual(namesOf((await metrics.snapshot()).resourceMetrics), ['renamed']);
  assert.equal(metrics.isUsed(), false);
});

test("the user's readers get them", async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const { made } = create(t, { push: undefined, readers: [reader] });
  await until('made', () => made.length === 1);
  await reader.forceFlush();
  assert.deepEqual(exporter.getMetrics().flatMap(namesOf), ['ours.recorded', 'ours.observed']);
});
