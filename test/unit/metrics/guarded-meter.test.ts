import { deepEqual, equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Meter, MetricAttributes } from '@opentelemetry/api';
import {
  AggregationType,
  type Histogram,
  MeterProvider,
  type MetricData,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { SECONDS_BOUNDARIES } from '../../../src/encode/seconds.ts';
import { guardMeterProvider } from '../../../src/metrics/guarded-meter.ts';
import { SnapshotReader } from '../../../src/metrics/reader.ts';

function createMeter(views: ViewOptions[] = []): { meter: Meter; collect: () => Promise<Map<string, MetricData>> } {
  const reader = new SnapshotReader(100);
  const meter = guardMeterProvider(new MeterProvider({ readers: [reader], views })).getMeter('test');
  return {
    meter,
    async collect() {
      const { resourceMetrics } = await reader.snapshot();
      return new Map(
        resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
          metrics.map((metric) => [metric.descriptor.name, metric]),
        ),
      );
    },
  };
}

function points(metric: MetricData | undefined): [MetricAttributes, unknown][] {
  return (metric?.dataPoints ?? []).map(({ attributes, value }) => [attributes, value]);
}

/** Attributes that throw when they are read. */
const HOSTILE = {
  get boom(): string {
    throw new Error('boom');
  },
};

suite('boundaries', () => {
  const boundaries = async (unit: string, advice?: number[], views?: ViewOptions[]): Promise<number[] | undefined> => {
    const { meter, collect } = createMeter(views);
    meter.createHistogram('h', { unit, ...(advice && { advice: { explicitBucketBoundaries: advice } }) }).record(0.2);
    const value = points((await collect()).get('h'))[0]?.[1] as Histogram | undefined;
    return value?.buckets?.boundaries;
  };

  test('a histogram in seconds has the boundaries of the semantic conventions', async () => {
    deepEqual(await boundaries('s'), SECONDS_BOUNDARIES);
    equal(SECONDS_BOUNDARIES.length, 14);
  });

  test('other units keep those of the SDK', async () => {
    for (const unit of ['', 'ms', 'By']) equal((await boundaries(unit))?.at(-1), 10_000, unit);
  });

  test('advice of the user wins', async () => deepEqual(await boundaries('s', [1, 2]), [1, 2]));

  test('a view of the user wins', async () => {
    const explicit: ViewOptions = {
      instrumentName: 'h',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [3] } },
    };
    deepEqual(await boundaries('s', undefined, [explicit]), [3]);
    const exponential: ViewOptions = {
      instrumentName: 'h',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
    };
    equal(await boundaries('s', undefined, [exponential]), undefined);
  });

  test('a view that says nothing about buckets leaves them', async () => {
    deepEqual(await boundaries('s', undefined, [{ instrumentName: 'h', description: 'x' }]), SECONDS_BOUNDARIES);
  });
});

suite('guards', () => {
  test('no call throws, whatever the arguments', async () => {
    const { meter, collect } = createMeter();
    const before = degradations()['metrics.record']?.count ?? 0;
    const values = [1, Number.NaN, '1', 1n, Symbol('s'), undefined, null, {}];
    const attributes = [
      undefined,
      null,
      1,
      { id: 10n },
      { [Symbol('s')]: 1 },
      HOSTILE,
      new Proxy({}, { ownKeys: () => [1] as never }),
    ];
    for (const value of values) {
      for (const attribute of attributes) {
        const args = [value, attribute] as [never, never];
        meter.createCounter('c').add(...args);
        meter.createUpDownCounter('u').add(...args);
        meter.createGauge('g').record(...args);
        meter.createHistogram('h').record(...args);
      }
    }
    ok((degradations()['metrics.record']?.count ?? 0) > before);
    ok((await collect()).has('c'));
  });

  test('an instrument that cannot be made records nothing and throws nothing', () => {
    const { meter } = createMeter();
    const advice = { explicitBucketBoundaries: null } as never;
    meter.createHistogram('h', { advice }).record(1);
    meter.createCounter(Symbol('s') as never).add(1);
    meter.createObservableGauge(Symbol('s') as never).addCallback(() => {});
  });

  test('attributes changed after the call change nothing', async () => {
    const { meter, collect } = createMeter();
    const attributes = { route: '/a' };
    meter.createCounter('c').add(1, attributes);
    attributes.route = '/b';
    deepEqual(points((await collect()).get('c')), [[{ route: '/a' }, 1]]);
  });

  test('a bad observation costs that observation only', async () => {
    const { meter, collect } = createMeter();
    meter.createObservableGauge('g').addCallback((result) => {
      result.observe(1, HOSTILE);
      result.observe(2, { id: 10n });
      result.observe(3);
    });
    deepEqual(points((await collect()).get('g')), [
      [{ id: '10' }, 2],
      [{}, 3],
    ]);
  });

  test('callbacks can be removed, are told apart by identity, and may be nonsense', async () => {
    const { meter, collect } = createMeter();
    const gauge = meter.createObservableGauge('g');
    let calls = 0;
    const callback = (): void => {
      calls += 1;
    };
    gauge.addCallback(callback);
    gauge.addCallback(callback);
    for (const nonsense of [undefined, null, 1, 'x']) gauge.addCallback(nonsense as never);
    await collect();
    equal(calls, 1);
    gauge.removeCallback(callback);
    await collect();
    equal(calls, 1);
  });

  test('batch callbacks observe several instruments and can be removed', async () => {
    const { meter, collect } = createMeter();
    const [a, b] = [meter.createObservableGauge('a'), meter.createObservableCounter('b')];
    let calls = 0;
    const callback: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
      calls += 1;
      result.observe(a, 1, HOSTILE);
      result.observe(a, 1, { x: 1 });
      result.observe(b, 2);
    };
    meter.addBatchObservableCallback(callback, [a, b]);
    const metrics = await collect();
    deepEqual([points(metrics.get('a')), points(metrics.get('b'))], [[[{ x: 1 }, 1]], [[{}, 2]]]);
    meter.removeBatchObservableCallback(callback, [a, b]);
    await collect();
    equal(calls, 1);
    meter.addBatchObservableCallback(undefined as never, [a]);
    meter.addBatchObservableCallback(callback, [{} as never]);
    meter.addBatchObservableCallback(callback, null as never);
  });

  test('a view that throws at every call costs the instruments it matches only', async () => {
    const view: ViewOptions = {
      instrumentName: 'bad.*',
      attributesProcessors: [
        {
          process() {
            throw new Error('boom');
          },
        },
      ],
    };
    const { meter, collect } = createMeter([view]);
    meter.createCounter('bad.counter').add(1);
    meter.createObservableGauge('bad.gauge').addCallback((result) => result.observe(1));
    meter.createCounter('good').add(1);
    deepEqual([...(await collect()).keys()], ['good']);
  });
});
