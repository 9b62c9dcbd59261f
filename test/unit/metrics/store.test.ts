import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  type DataPoint,
  type Histogram,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { encodeSnapshot } from '../../support/encode-snapshot.ts';
import { renderText } from '../../../src/encode/text.ts';
import { createTestStore, pointsOf } from '../../support/metric-store.ts';
import { until } from '../../support/until.ts';

suite('the synchronous snapshot', () => {
  test('has everything that was recorded, with resource and scope', () => {
    const { store, provider } = createTestStore();
    const meter = provider.getMeter('scope', '1.2', { schemaUrl: 'https://example.org/1' });
    meter.createCounter('c', { unit: '1', description: 'd' }).add(2);
    provider.getMeter('empty').createCounter('nothing');
    const { resource, scopeMetrics } = store.snapshotNow();
    equal(resource.attributes['service.name'], 'svc');
    deepEqual(
      scopeMetrics.map(({ scope }) => scope),
      [{ name: 'scope', version: '1.2', schemaUrl: 'https://example.org/1' }],
    );
  });

  test('is not changed by what is recorded later', () => {
    const { store, meter } = createTestStore();
    const histogram = meter.createHistogram('h');
    const counter = meter.createCounter('c');
    histogram.record(1);
    counter.add(1);
    const snapshot = store.snapshotNow();
    histogram.record(1);
    counter.add(1);
    const [point] = pointsOf(snapshot, 'h');
    equal((point as DataPoint<Histogram>).value.count, 1);
    equal(pointsOf(snapshot, 'c')[0]?.value, 1);
  });

  test('can be encoded and rendered like one of the SDK', () => {
    const { store, meter } = createTestStore();
    meter.createHistogram('h', { unit: 's' }).record(0.3, { a: 'x' });
    const snapshot = store.snapshotNow();
    const { bytes, items } = encodeSnapshot(snapshot);
    equal(items, 1);
    const [scope] = snapshot.scopeMetrics;
    const [metric] = scope?.metrics ?? [];
    const dataPoints = metric?.dataPoints.map((point) => ({ ...point, value: point.value }));
    const plain = { ...snapshot, scopeMetrics: [{ ...scope, metrics: [{ ...metric, dataPoints }] }] };
    deepEqual(bytes, encodeSnapshot(plain as ResourceMetrics).bytes);
    ok(renderText(snapshot).includes('h_seconds_bucket{a="x",le="0.5"} 1'));
  });

  test('has what callbacks say before they return, and what they said last', async () => {
    const { store, meter, values } = createTestStore();
    let value = 1;
    meter.createObservableGauge('now').addCallback((result) => result.observe(value));
    meter.createObservableGauge('first').addCallback(async (result) => result.observe(value));
    meter.createObservableGauge('later').addCallback(async (result) => {
      await Promise.resolve();
      result.observe(value);
    });
    meter.createObservableGauge('broken').addCallback(() => {
      throw new Error('boom');
    });
    meter.createObservableGauge('rejecting').addCallback(() => Promise.reject(new Error('boom')));
    await store.collect();
    value = 2;
    deepEqual(
      ['now', 'first', 'later', 'broken', 'rejecting'].map((name) => values(name)['{}']),
      [2, 2, 1, undefined, undefined],
    );
  });
});

suite('collection', () => {
  // Waiting for callbacks does not hold the process, so something else must.
  let hold: NodeJS.Timeout;
  before(() => {
    hold = setInterval(() => {}, 1_000);
  });
  after(() => clearInterval(hold));

  test('T25 a callback that never settles and one that throws cost their own series, and the first is not called again', async () => {
    const { store, meter } = createTestStore();
    let stuckCalls = 0;
    meter.createObservableGauge('stuck').addCallback((result) => {
      stuckCalls += 1;
      result.observe(1);
      return new Promise(() => {});
    });
    meter.createObservableGauge('broken').addCallback(() => {
      throw new Error('boom');
    });
    meter.createObservableGauge('slow').addCallback(async (result) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      result.observe(1);
    });
    meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
    meter.createCounter('count').add(1);
    const from = performance.now();
    for (let round = 0; round < 20; round += 1) {
      const { resourceMetrics, errors } = await store.collect({ timeoutMillis: 50 });
      const seen = ['stuck', 'broken', 'slow', 'fine', 'count'].filter(
        (name) => pointsOf(resourceMetrics, name).length,
      );
      deepEqual(seen, ['slow', 'fine', 'count']);
      equal(errors.length, 2);
    }
    equal(stuckCalls, 1);
    // Only the first collection waited.
    ok(performance.now() - from < 2_000);
  });

  test('what a late callback says is not used, and it is called again once it has answered', async () => {
    const { store, meter, values } = createTestStore();
    let answer = (): void => {};
    let calls = 0;
    meter.createObservableGauge('g').addCallback((result) => {
      calls += 1;
      if (calls > 1) return result.observe(calls);
      result.observe(100);
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    await store.collect({ timeoutMillis: 5 });
    deepEqual(values('g'), {});
    answer();
    await until('a second call', async () => (await store.collect(), calls === 2));
    equal(values('g')['{}'], 3);
  });

  test('a limit above one second is not granted', async (t) => {
    const { store, meter } = createTestStore();
    t.mock.timers.enable({ apis: ['setTimeout'] });
    meter.createObservableGauge('stuck').addCallback(() => new Promise(() => {}));
    const collecting = store.collect({ timeoutMillis: 30_000 });
    t.mock.timers.tick(1_000);
    equal((await collecting).errors.length, 1);
  });

  test('callers that come while callbacks run share one result', async () => {
    const { store, meter } = createTestStore();
    let calls = 0;
    meter.createObservableGauge('g').addCallback(async (result) => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      result.observe(calls);
    });
    const [first, second] = await Promise.all([store.collect(), store.collect()]);
    equal(first, second);
    equal(calls, 1);
    await store.collect();
    equal(calls, 2);
  });

  test('a large store is read in slices, each series consistent in itself, also while it is recorded', async () => {
    const { store, meter } = createTestStore({ seriesPerInstrument: 10_000 }, { sliceMillis: 0 });
    const histogram = meter.createHistogram('h');
    const record = (): void => {
      for (let id = 0; id < 3_000; id += 1) histogram.record(2, { id });
    };
    record();
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      for (let id = 0; id < 3_000; id += 7) histogram.record(2, { id });
      histogram.record(2, { id: -turns });
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const { resourceMetrics } = await store.collect();
    isOver = true;
    ok(turns > 20);
    const points = pointsOf(resourceMetrics, 'h') as {
      value: { sum: number; count: number; buckets: { counts: number[] } };
    }[];
    ok(points.length >= 3_000);
    for (const { value } of points) {
      equal(value.sum, value.count * 2);
      equal(value.buckets.counts[1], value.count);
    }
  });
});

suite('use', () => {
  test('a meter or an instrument is no use, a measurement or a callback is, and is told once', () => {
    for (const use of ['measurement', 'callback']) {
      let told = 0;
      const { store, meter } = createTestStore({}, { onUse: () => (told += 1) });
      const counter = meter.createCounter('c');
      const gauge = meter.createObservableGauge('g');
      equal(store.isUsed, false);
      for (let round = 0; round < 2; round += 1) {
        if (use === 'measurement') counter.add(1, { round });
        else gauge.addCallback(() => {});
      }
      equal(store.isUsed, true);
      equal(told, 1);
    }
  });

  test('values that cannot be kept are left out and counted', () => {
    const { meter, values } = createTestStore();
    const count = (): number => degradations()['metrics.attribute']?.count ?? 0;
    const before = count();
    meter.createCounter('c').add(1, { fine: 1, bad: {}, worse: Symbol('s'), none: undefined });
    deepEqual(values('c'), { '{"fine":1}': 1 });
    equal(count(), before + 2);
  });
});

test('the same scope gives the same instruments, another version others', () => {
  const { provider, points } = createTestStore();
  for (const version of ['1', '1', '2']) provider.getMeter('s', version).createCounter('c').add(1);
  deepEqual(
    points('c').map(({ value }) => value),
    [2, 1],
  );
});

test('the store is a producer for readers of the SDK', async () => {
  class PlainReader extends MetricReader {
    protected override async onForceFlush(): Promise<void> {}
    protected override async onShutdown(): Promise<void> {}
  }
  const { store, meter } = createTestStore();
  meter.createCounter('c').add(1);
  const reader = new PlainReader({ metricProducers: [store] });
  new MeterProvider({ readers: [reader] }).getMeter('sdk').createCounter('d').add(1);
  const { resourceMetrics } = await reader.collect();
  deepEqual(
    ['c', 'd'].map((name) => pointsOf(resourceMetrics, name).length),
    [1, 1],
  );
});
