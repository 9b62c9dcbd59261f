/** T44 for metrics: readers, exporters and views of the user, beside the store. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  InstrumentType,
  MeterProvider,
  MetricReader,
  type MetricReaderOptions,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { redirectNotices } from '../../../src/core/notices.ts';
import { createMetrics, type Metrics, type MetricsInput } from '../../../src/metrics/provider.ts';
import { MetricStore } from '../../../src/metrics/store.ts';
import { DEFAULT_LIMITS, METRICS_CONFIG } from '../../support/metrics-config.ts';
import { pointsOf } from '../../support/metric-store.ts';

class PlainReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function make(t: TestContext, input: Partial<MetricsInput>): Metrics {
  const resource = resourceFromAttributes({ 'service.name': 'svc' });
  const metrics = createMetrics({ config: METRICS_CONFIG, resource, push: undefined, ...input });
  t.after(() => metrics.close());
  return metrics;
}

/** A bit of everything, twice, with a collection in between. */
async function work(meter: Meter, collect: () => Promise<unknown>): Promise<void> {
  let observed = 10;
  const counter = meter.createCounter('counter');
  const upDown = meter.createUpDownCounter('upDown');
  const gauge = meter.createGauge('gauge');
  const histogram = meter.createHistogram('histogram', { unit: 's' });
  meter.createObservableCounter('seen').addCallback((result) => result.observe((observed += 5), { a: 1 }));
  const [first, second] = [meter.createObservableGauge('first'), meter.createObservableUpDownCounter('second')];
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(first, 1);
      result.observe(second, 2);
    },
    [first, second],
  );
  for (let round = 0; round < 2; round += 1) {
    if (round > 0) await collect();
    counter.add(3, { a: 1, b: 'x' });
    upDown.add(-1);
    gauge.record(7 + round, { a: round });
    for (const value of [0.0625, 0.25, 20]) histogram.record(value, { a: 1 });
  }
}

function summary({ scopeMetrics }: ResourceMetrics): unknown {
  return scopeMetrics
    .flatMap(({ scope, metrics }) =>
      metrics.map(({ descriptor, dataPoints, ...rest }) => [
        descriptor.name,
        scope.name,
        rest,
        descriptor.description,
        dataPoints.map(({ attributes, value }) => [attributes, value]),
      ]),
    )
    .sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}

const exponential: MetricReaderOptions = {
  aggregationSelector: (type) => ({
    type: type === InstrumentType.HISTOGRAM ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
  }),
};
const delta: MetricReaderOptions = { aggregationTemporalitySelector: () => AggregationTemporality.DELTA };
const lowMemory: MetricReaderOptions = {
  aggregationTemporalitySelector: (type) =>
    type === InstrumentType.COUNTER || type === InstrumentType.HISTOGRAM
      ? AggregationTemporality.DELTA
      : AggregationTemporality.CUMULATIVE,
};
const limited: MetricReaderOptions = { cardinalitySelector: () => 2 };
const views: ViewOptions[] = [
  { instrumentName: 'counter', name: 'renamed' },
  {
    instrumentName: 'histogram',
    aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1] } },
  },
  { instrumentName: 'upDown', aggregationCardinalityLimit: 10 },
  { instrumentName: 'seen', description: 'described' },
  { instrumentName: 'first', aggregation: { type: AggregationType.DROP } },
];

for (const [name, options] of Object.entries({ plain: {}, delta, lowMemory, exponential, limited })) {
  for (const given of [[], views]) {
    test(`T44 a ${name} reader sees what it sees with the SDK, ${given.length === 0 ? 'without' : 'with'} views`, async (t) => {
      const ours = new PlainReader(options);
      const metrics = make(t, { readers: [ours], views: given });
      await work(metrics.provider.getMeter('s'), () => ours.collect());
      const theirs = new PlainReader(options);
      const oracle = new MeterProvider({ readers: [theirs], views: given });
      // The SDK does not know what seconds look like; the advice is what ours adds.
      const meter = oracle.getMeter('s');
      const createHistogram = meter.createHistogram.bind(meter);
      meter.createHistogram = (histogram) =>
        createHistogram(histogram, {
          unit: 's',
          advice: {
            explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
          },
        });
      await work(meter, () => theirs.collect());
      const [seen, wanted] = [await ours.collect(), await theirs.collect()];
      deepEqual(summary(seen.resourceMetrics), summary(wanted.resourceMetrics));
      deepEqual(seen.errors, []);
    });
  }
}

test('beside a delta reader the snapshot of ours has the totals, at once', async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const metrics = make(t, { readers: [reader] });
  const counter = metrics.provider.getMeter('s').createCounter('c');
  for (let round = 0; round < 2; round += 1) {
    counter.add(5);
    await metrics.flush();
  }
  deepEqual(
    exporter.getMetrics().map((each) => pointsOf(each, 'c')[0]?.value),
    [5, 5],
  );
  equal(pointsOf(metrics.snapshotNow(), 'c')[0]?.value, 10);
  equal(pointsOf((await metrics.snapshot()).resourceMetrics, 'c').length, 1);
});

test('a callback is called once for a collection, whatever the reader wants', async (t) => {
  for (const options of [{}, delta, lowMemory]) {
    const reader = new PlainReader(options);
    const metrics = make(t, { readers: [reader] });
    let calls = 0;
    metrics.provider
      .getMeter('s')
      .createObservableCounter('c')
      .addCallback((result) => result.observe((calls += 1)));
    await reader.collect();
    equal(calls, 1);
  }
});

test('points for exporters of the user are plain objects', async (t) => {
  const reader = new PlainReader();
  const metrics = make(t, { readers: [reader] });
  metrics.provider.getMeter('s').createHistogram('h').record(1);
  const [point] = pointsOf((await reader.collect()).resourceMetrics, 'h');
  deepEqual(Object.keys(point ?? {}).sort(), ['attributes', 'endTime', 'startTime', 'value']);
  ok(JSON.stringify(point).includes('"count":1'));
  equal((structuredClone(point) as DataPoint<Histogram>).value.count, 1);
});

test('what a view selects is in our snapshot too, with the rest of its scope', async (t) => {
  const metrics = make(t, { views });
  const meter = metrics.provider.getMeter('s');
  meter.createCounter('counter').add(1);
  meter.createCounter('other').add(1);
  const { scopeMetrics } = (await metrics.snapshot()).resourceMetrics;
  deepEqual(
    scopeMetrics.map(({ scope, metrics: all }) => [scope.name, all.map(({ descriptor }) => descriptor.name)]),
    [['s', ['renamed', 'other']]],
  );
  equal(metrics.isUsed(), true);
});

test('a limit by a view is the limit of the store, for the life of the process', async (t) => {
  const metrics = make(t, { views: [{ instrumentName: 'c', aggregationCardinalityLimit: 3 }] });
  const counter = metrics.provider.getMeter('s').createCounter('c');
  for (let id = 0; id < 9; id += 1) {
    counter.add(1, { id });
    await metrics.snapshot();
  }
  deepEqual(
    pointsOf(metrics.snapshotNow(), 'c').map(({ value }) => value),
    [1, 1, 7],
  );
});

test('batch callbacks can have instruments of the store and of views together, and can be removed', async (t) => {
  const metrics = make(t, { views });
  const meter = metrics.provider.getMeter('s');
  const [stored, viewed] = [meter.createObservableGauge('stored'), meter.createObservableCounter('seen')];
  let calls = 0;
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    calls += 1;
    result.observe(stored, 1);
    result.observe(viewed, 2);
  };
  meter.addBatchObservableCallback(callback, [stored, viewed]);
  const { resourceMetrics } = await metrics.snapshot();
  deepEqual(
    ['stored', 'seen'].map((name) => pointsOf(resourceMetrics, name)[0]?.value),
    [1, 2],
  );
  const before = calls;
  meter.removeBatchObservableCallback(callback, [stored, viewed]);
  await metrics.snapshot();
  equal(calls, before);
});

test('exponential histograms by default are there for every reader', async (t) => {
  const reader = new PlainReader();
  const config = { ...METRICS_CONFIG, histogramAggregation: 'base2_exponential_bucket_histogram' as const };
  const metrics = make(t, { readers: [reader], config });
  metrics.provider.getMeter('s').createHistogram('h').record(1);
  const ours = pointsOf((await metrics.snapshot()).resourceMetrics, 'h')[0]?.value as object;
  ok('scale' in ours);
  equal(pointsOf((await reader.collect()).resourceMetrics, 'h').length, 1);
});

test('a producer that throws, rejects or never answers costs its own metrics only, and is told once', async (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const boom = new Error('boom');
  const producers = [
    {
      collect() {
        throw boom;
      },
    },
    { collect: () => Promise.reject(boom) },
    { collect: () => new Promise(() => {}) },
    { collect: async () => ({}) },
    {},
    new MetricStore({ resource: resourceFromAttributes({}), limits: DEFAULT_LIMITS }),
  ];
  const metrics = make(t, { producers });
  metrics.provider.getMeter('s').createCounter('c').add(1);
  for (let round = 0; round < 2; round += 1) {
    equal(pointsOf((await metrics.snapshot()).resourceMetrics, 'c')[0]?.value, 1);
  }
  const told = lines.map((line) => /^(\w+) Option (metricProducers\[\d\])/.exec(line)?.slice(1).join(' '));
  deepEqual(
    new Set(told),
    new Set([
      'DUOTEL_CONFIG_INVALID metricProducers[4]',
      ...[0, 1, 2, 3].map((index) => `DUOTEL_USER_PART_FAILED metricProducers[${index}]`),
    ]),
  );
  equal(told.length, 5);
});
