import { deepEqual, equal, ok } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Meter, ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  InstrumentType,
  type MetricData,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import type { DeltaPreference } from '../../../src/config/config.ts';
import { createDeltaSums, inTurn } from '../../../src/metrics/delta-metrics.ts';
import { createMetrics, type Metrics, type MetricsInput } from '../../../src/metrics/provider.ts';
import { DEFAULT_LIMITS, METRICS_CONFIG } from '../../support/metrics-config.ts';
import { pointsOf } from '../../support/metric-store.ts';
import { until } from '../../support/until.ts';

interface Made {
  readonly metrics: Metrics;
  readonly pushed: Record<'cumulative' | DeltaPreference, ResourceMetrics[]>;
}

function make(t: TestContext, input: Partial<MetricsInput> = {}): Made {
  const pushed: Made['pushed'] = { cumulative: [], delta: [], lowmemory: [] };
  const pushTo = (temporality: keyof Made['pushed']) => async (snapshot: ResourceMetrics) =>
    pushed[temporality].push(snapshot);
  const metrics = createMetrics({
    config: METRICS_CONFIG,
    resource: resourceFromAttributes({ 'service.name': 'svc' }),
    push: pushTo('cumulative'),
    deltas: (['delta', 'lowmemory'] as const).map((temporality) => ({ temporality, push: pushTo(temporality) })),
    random: () => 1 - Number.EPSILON,
    ...input,
  });
  t.after(() => metrics.close());
  return { metrics, pushed };
}

/** What the official OTLP exporter asks for, gauges aside. */
class OfficialReader extends MetricReader {
  constructor(kinds: readonly InstrumentType[]) {
    super({
      aggregationTemporalitySelector: (kind) =>
        kinds.includes(kind) ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const DELTAS: Record<DeltaPreference, readonly InstrumentType[]> = {
  delta: [InstrumentType.COUNTER, InstrumentType.HISTOGRAM, InstrumentType.OBSERVABLE_COUNTER],
  lowmemory: [InstrumentType.COUNTER, InstrumentType.HISTOGRAM],
};

/** Every kind of instrument; gives a function that records a round. */
function createWork(meter: Meter): (round: number) => void {
  const counter = meter.createCounter('counter');
  const upDown = meter.createUpDownCounter('upDown');
  const gauge = meter.createGauge('gauge');
  const histogram = meter.createHistogram('histogram');
  let total = 0;
  meter.createObservableCounter('seen').addCallback((result) => result.observe(total, { a: 1 }));
  meter.createObservableUpDownCounter('level').addCallback((result) => result.observe(total - 5));
  meter.createObservableGauge('now').addCallback((result) => result.observe(total / 2));
  return (round) => {
    total += 3 + round;
    counter.add(2 + round, { a: 1 });
    if (round === 1) counter.add(1, { late: true });
    upDown.add(round === 2 ? -4 : 1);
    gauge.record(round);
    histogram.record(10 * round, { a: 1 });
  };
}

function summary({ scopeMetrics }: ResourceMetrics): unknown {
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .map(({ descriptor, dataPoints, aggregationTemporality }) => ({
      name: descriptor.name,
      aggregationTemporality,
      points: dataPoints.map(({ attributes, value }) => [attributes, value]),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

const VIEWS: ViewOptions[] = [
  { instrumentName: 'counter', name: 'renamed' },
  { instrumentName: 'now', aggregation: { type: AggregationType.DROP } },
];

for (const temporality of ['delta', 'lowmemory'] as const) {
  for (const views of [[], VIEWS]) {
    test(`${temporality} pushes are those of the SDK, ${views.length === 0 ? 'without' : 'with'} views`, async (t) => {
      const { metrics, pushed } = make(t, { views });
      const reader = new OfficialReader(DELTAS[temporality]);
      const oracle = new MeterProvider({ readers: [reader], views });
      const [ours, theirs] = [createWork(metrics.provider.getMeter('s')), createWork(oracle.getMeter('s'))];
      for (let round = 0; round < 4; round += 1) {
        ours(round);
        theirs(round);
        await metrics.flush();
        const wanted = await reader.collect();
        deepEqual(summary(pushed[temporality][round] as ResourceMetrics), summary(wanted.resourceMetrics));
      }
    });
  }
}

test('deltas add up to the totals that other destinations and pages have', async (t) => {
  const { metrics, pushed } = make(t);
  const work = createWork(metrics.provider.getMeter('s'));
  for (let round = 0; round < 5; round += 1) {
    work(round);
    await Promise.all([metrics.flush(), metrics.flush(), metrics.snapshot()]);
  }
  const { resourceMetrics } = await metrics.snapshot();
  for (const name of ['counter', 'seen']) {
    const total = pointsOf(resourceMetrics, name)[0]?.value;
    const deltas = pushed.delta.map((snapshot) => Number(pointsOf(snapshot, name)[0]?.value ?? 0));
    equal(
      deltas.reduce((sum, value) => sum + value, 0),
      total,
    );
  }
  equal(pushed.delta[0]?.resource.attributes['service.name'], 'svc');
});

test('what nobody wants any more is collected still, and totals only if they are wanted', async (t) => {
  let wanted = false;
  const { metrics, pushed } = make(t, { isPushWanted: () => wanted });
  metrics.provider.getMeter('s').createCounter('c').add(1);
  await metrics.flush();
  deepEqual([pushed.cumulative.length, pushed.delta.length], [0, 1]);
  wanted = true;
  await metrics.flush();
  equal(pushed.cumulative.length, 1);
});

test('the limit of series holds between two pushes', async (t) => {
  const limits = { ...DEFAULT_LIMITS, seriesPerInstrument: 3 };
  const { metrics, pushed } = make(t, { config: { ...METRICS_CONFIG, limits } });
  const counter = metrics.provider.getMeter('s').createCounter('c');
  for (let id = 0; id < 9; id += 1) counter.add(1, { id });
  await metrics.flush();
  equal(pointsOf(pushed.delta[0] as ResourceMetrics, 'c').length, 3);
});

test('exponential histograms are exponential as deltas too', async (t) => {
  const config = { ...METRICS_CONFIG, histogramAggregation: 'base2_exponential_bucket_histogram' as const };
  const { metrics, pushed } = make(t, { config });
  const histogram = metrics.provider.getMeter('s').createHistogram('h');
  for (let round = 0; round < 2; round += 1) {
    histogram.record(1);
    await metrics.flush();
  }
  const value = pointsOf(pushed.delta[1] as ResourceMetrics, 'h')[0]?.value as { scale: number; count: number };
  ok('scale' in value);
  equal(value.count, 1);
});

const ATTRIBUTES = { reason: 'x' };

function total(value: number, endMillis: number): MetricData {
  return {
    descriptor: { name: 'self', unit: '', description: '', valueType: ValueType.INT },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: [{ startTime: [0, 0], endTime: [endMillis, 0], attributes: ATTRIBUTES, value }],
  };
}

test('what delivery says of itself is made deltas where deltas are wanted', async (t) => {
  let calls = 0;
  const { pushed } = make(t, {
    config: { ...METRICS_CONFIG, exportIntervalMillis: 10 },
    selfMetrics: () => [total((calls += 1) && 7, 1)],
  });
  await until('three pushes', () => pushed.delta.length >= 3);
  deepEqual(
    pushed.delta.slice(0, 3).map((snapshot) => pointsOf(snapshot, 'self')[0]?.value),
    [7, 0, 0],
  );
  deepEqual(pointsOf(pushed.cumulative.at(-1) as ResourceMetrics, 'self')[0]?.value, 7);
});

test('a delta begins where the one before it ended', () => {
  const toDeltas = createDeltaSums();
  const points = [total(5, 1), total(8, 2)].map((metric) => toDeltas([metric])[0]);
  deepEqual(
    points.map((metric) => metric?.dataPoints.map(({ startTime, endTime, value }) => [startTime, endTime, value])),
    [[[[0, 0], [1, 0], 5]], [[[1, 0], [2, 0], 3]]],
  );
  equal(points[1]?.aggregationTemporality, AggregationTemporality.DELTA);
});

test('work in turn never overlaps, also after a failure', async () => {
  let running = 0;
  let calls = 0;
  const work = inTurn(async () => {
    calls += 1;
    running += 1;
    equal(running, 1);
    await Promise.resolve();
    running -= 1;
    if (calls === 1) throw new Error('first');
    return calls;
  });
  const results = await Promise.allSettled([work(), work(), work()]);
  deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
});
