import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import fc from '../../support/fast-check.ts';
import { degradations } from '../../../src/core/guard.ts';
import { SECONDS_BOUNDARIES } from '../../../src/encode/seconds.ts';
import type { HistogramPoint } from '../../../src/metrics/histogram-point.ts';
import { createTestStore } from '../../support/metric-store.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

/** Things a program may hand over by mistake. */
const HOSTILE: readonly unknown[] = [
  undefined,
  null,
  1n,
  Symbol('s'),
  '1',
  Number.NaN,
  -1,
  {},
  [],
  [Symbol('s')],
  () => {},
  {
    get boom() {
      throw new Error('boom');
    },
  },
  { id: 10n, none: null, list: [1n], nested: { a: 1 } },
  new Proxy({}, { ownKeys: () => [1] as never }),
  new Proxy(
    { a: 1 },
    {
      get() {
        throw new Error('boom');
      },
    },
  ),
  Object.create(null),
  { text: 'x'.repeat(1_000_000) },
  (() => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    return circular;
  })(),
];

const KINDS = ['createCounter', 'createUpDownCounter', 'createGauge', 'createHistogram'] as const;
const OBSERVABLE_KINDS = ['createObservableCounter', 'createObservableUpDownCounter', 'createObservableGauge'] as const;

test('T9 no call throws, whatever the arguments, and a fault is counted', async () => {
  const { store, meter } = createTestStore();
  const things: readonly unknown[] = [...HOSTILE, 'name', 5];
  // Numbers, because fast-check cannot print what is behind them.
  const which = fc.nat(things.length - 1);
  const before = degradations()['metrics.record']?.count ?? 0;
  fc.assert(
    fc.property(which, which, which, which, (...chosen) => {
      const [name, options, value, attributes] = chosen.map((index) => things[index]) as [never, never, never, never];
      for (const kind of KINDS) {
        const instrument = meter[kind](name, options) as { add?: Function; record?: Function };
        (instrument.add ?? instrument.record)?.call(instrument, value, attributes);
      }
      for (const kind of OBSERVABLE_KINDS) {
        const observable = meter[kind](name, options);
        observable.addCallback(value);
        observable.addCallback((result) => result.observe(value, attributes));
        meter.addBatchObservableCallback((result) => result.observe(attributes, value), [observable, options]);
        observable.removeCallback(value);
      }
      meter.addBatchObservableCallback(value, attributes);
      meter.removeBatchObservableCallback(value, attributes);
    }),
    { numRuns: LONG ? 100_000 : 300 },
  );
  ok((degradations()['metrics.record']?.count ?? 0) > before);
  store.snapshotNow();
  await store.collect();
});

test('no meter is refused, whatever its name', () => {
  const { provider, points } = createTestStore();
  for (const name of HOSTILE as readonly never[]) provider.getMeter(name, name, name).createCounter('c').add(1);
  ok(points('c').length > 0);
});

test('a histogram in seconds has the boundaries of the semantic conventions, unless advised otherwise', () => {
  const { meter, points } = createTestStore();
  const boundaries = (name: string): number[] => (points(name)[0] as HistogramPoint).value.buckets.boundaries;
  meter.createHistogram('s', { unit: 's' }).record(1);
  meter.createHistogram('ms', { unit: 'ms' }).record(1);
  meter.createHistogram('advised', { unit: 's', advice: { explicitBucketBoundaries: [2, 1] } }).record(1);
  deepEqual(boundaries('s'), SECONDS_BOUNDARIES);
  equal(boundaries('ms').at(-1), 10_000);
  deepEqual(boundaries('advised'), [1, 2]);
});

test('callbacks can be removed and are told apart by identity', () => {
  const { store, meter } = createTestStore();
  const gauge = meter.createObservableGauge('g');
  let calls = 0;
  const callback = (): void => {
    calls += 1;
  };
  gauge.addCallback(callback);
  gauge.addCallback(callback);
  store.snapshotNow();
  equal(calls, 1);
  gauge.removeCallback(callback);
  store.snapshotNow();
  equal(calls, 1);
});

test('a batch observes its own instruments only', () => {
  const { meter, values } = createTestStore();
  const [a, b] = [meter.createObservableGauge('a'), meter.createObservableGauge('b')];
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    result.observe(a, 1, { x: 1 });
    result.observe(b, 2);
    result.observe(new MeterProvider().getMeter('other').createObservableGauge('a'), 3);
  };
  meter.addBatchObservableCallback(callback, [a]);
  deepEqual([values('a'), values('b')], [{ '{"x":1}': 1 }, {}]);
});
