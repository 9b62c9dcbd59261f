import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics';
import { redirectNotices } from '../../../src/core/notices.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { createTestStore } from '../../support/metric-store.ts';

function captureLines(t: TestContext): string[] {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  return lines;
}

const OVERFLOW = '{"otel.metric.overflow":true}';

suite('identity of a series', () => {
  test('the order of keys does not matter, types do', () => {
    const { meter, values } = createTestStore();
    const counter = meter.createCounter('c');
    counter.add(1, { a: 1, b: 'x' });
    counter.add(1, { b: 'x', a: 1 });
    counter.add(1, { b: 'x', a: '1' });
    deepEqual(values('c'), { '{"a":1,"b":"x"}': 2, '{"b":"x","a":"1"}': 1 });
  });

  test('values with swapped keys, subsets and supersets are told apart', () => {
    const { meter, values } = createTestStore();
    const counter = meter.createCounter('c');
    for (const attributes of [{ a: 'x', b: 'y' }, { a: 'y', b: 'x' }, { a: 'x' }, {}, { a: 'x', b: 'y', c: 'z' }]) {
      counter.add(1, attributes);
    }
    equal(Object.keys(values('c')).length, 5);
  });

  test('an object changed and used again is what it is at each call', () => {
    const { meter, values } = createTestStore();
    const counter = meter.createCounter('c');
    const attributes: Record<string, string> = { route: '/a' };
    counter.add(1, attributes);
    attributes['route'] = '/b';
    counter.add(1, attributes);
    delete attributes['route'];
    counter.add(1, attributes);
    deepEqual(values('c'), { '{"route":"/a"}': 1, '{"route":"/b"}': 1, '{}': 1 });
  });

  test('inherited keys are no attributes', () => {
    const { meter, values } = createTestStore();
    meter.createCounter('c').add(1, Object.assign(Object.create({ inherited: 1 }) as object, { own: 1 }));
    deepEqual(values('c'), { '{"own":1}': 1 });
  });

  test('keys that would change the prototype are left out', () => {
    const { meter, values } = createTestStore();
    meter.createCounter('c').add(1, JSON.parse('{"__proto__":"x","a":1}') as Record<string, string>);
    deepEqual(values('c'), { '{"a":1}': 1 });
  });

  test('a getter that records a measurement itself disturbs nothing', () => {
    const { meter, values } = createTestStore();
    const counter = meter.createCounter('c');
    counter.add(1, {
      first: 1,
      get second() {
        counter.add(10, { inner: true, more: 'x', and: 'y' });
        return 2;
      },
    });
    deepEqual(values('c'), { '{"inner":true,"more":"x","and":"y"}': 10, '{"first":1,"second":2}': 1 });
  });

  test('long texts that differ in the middle only are told apart', () => {
    const { meter, values } = createTestStore();
    const counter = meter.createCounter('c');
    for (const middle of ['x', 'y', 'x']) counter.add(1, { text: 'a'.repeat(400) + middle + 'b'.repeat(400) });
    deepEqual(Object.values(values('c')), [2, 1]);
  });

  test('the attributes of a series are the same object in every snapshot', () => {
    const { meter, points } = createTestStore();
    meter.createHistogram('h').record(1, { a: 1 });
    equal(points('h')[0]?.attributes, points('h')[0]?.attributes);
  });
});

suite('bounds', () => {
  test('T30 a million user ids cost one notice and no memory, and the total is exact', (t) => {
    const lines = captureLines(t);
    const { meter, points } = createTestStore();
    const counter = meter.createCounter('app.requests');
    const record = (from: number, to: number): void => {
      for (let id = from; id < to; id += 1) counter.add(1, { 'user.id': `user-${id}`, method: id % 2 ? 'GET' : 'PUT' });
    };
    record(0, 20_000);
    const heap = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    record(20_000, 1_000_000);
    ok(heap() - before < 5e6);
    const all = points('app.requests');
    equal(all.length, 2000);
    equal(
      all.reduce((sum, { value }) => sum + Number(value), 0),
      1_000_000,
    );
    deepEqual(all.at(-1)?.attributes, { 'otel.metric.overflow': true });
    equal(lines.length, 1);
    match(
      lines[0] ?? '',
      /^DUOTEL_METRIC_OVERFLOW Metric "app.requests" .*"user.id", which has 1999 values: leave it out, keep its first/,
    );
  });

  test('sets known before the bound was met stay apart', (t) => {
    captureLines(t);
    const { meter, values } = createTestStore({ seriesPerInstrument: 3 });
    const counter = meter.createCounter('c');
    for (const id of [1, 2, 3, 4, 1, 2, 3]) counter.add(1, { id });
    deepEqual(values('c'), { '{"id":1}': 2, '{"id":2}': 2, [OVERFLOW]: 3 });
  });

  test('histograms and observed totals overflow exactly, and the next collection does not add up again', (t) => {
    captureLines(t);
    const { meter, values } = createTestStore({ seriesPerInstrument: 2 });
    const histogram = meter.createHistogram('h');
    for (const id of [1, 2, 3]) histogram.record(id, { id });
    equal((values('h')[OVERFLOW] as { sum: number }).sum, 5);
    const observable = meter.createObservableUpDownCounter('u');
    observable.addCallback((result) => [1, 2, 3].forEach((id) => result.observe(id, { id })));
    observable.addCallback((result) => result.observe(10, { other: true }));
    for (let round = 0; round < 3; round += 1) deepEqual(values('u'), { '{"id":1}': 1, [OVERFLOW]: 15 });
  });

  test('the total bounds all instruments, but the first series of each is always there', (t) => {
    const lines = captureLines(t);
    const { meter, values } = createTestStore({ totalSeries: 3 });
    const first = meter.createCounter('first');
    for (const id of [1, 2, 3, 4]) first.add(1, { id });
    const second = meter.createCounter('second');
    second.add(1);
    second.add(1, { id: 1 });
    equal(Object.keys(values('first')).length, 4);
    deepEqual(values('second'), { '{}': 1, [OVERFLOW]: 1 });
    equal(lines.length, 1);
    match(lines[0] ?? '', /All metrics together have .* further ones of "first"/);
  });
});

suite('first values', () => {
  const limits = { firstValues: new Map([['key', 2]]) };

  test('the first values stay for good, every later one is other, totals stay exact', () => {
    const { meter, values } = createTestStore(limits);
    const counter = meter.createCounter('c');
    for (const key of ['a', 'b', 'c', 'd', 'a', 'other', 'c']) counter.add(1, { route: '/', key });
    deepEqual(values('c'), {
      '{"route":"/","key":"a"}': 2,
      '{"route":"/","key":"b"}': 1,
      '{"route":"/","key":"other"}': 4,
    });
  });

  test('each instrument has first values of its own, and other attributes are not concerned', () => {
    const { meter, values } = createTestStore(limits);
    for (const name of ['c', 'd']) {
      for (const key of [name, 'x', 'y']) meter.createCounter(name).add(1, { key, free: key });
    }
    deepEqual(Object.keys(values('d')), [
      '{"key":"d","free":"d"}',
      '{"key":"x","free":"x"}',
      '{"key":"other","free":"y"}',
    ]);
  });
});

suite('expiry', () => {
  const expireAfterMillis = 1_000;

  function createExpiring(): ReturnType<typeof createTestStore> & { readonly wait: (millis: number) => void } {
    let now = 1_700_000_000_000;
    return {
      ...createTestStore({ expireAfterMillis, seriesPerInstrument: 3 }, { clock: () => now }),
      wait(millis) {
        now += millis;
      },
    };
  }

  test('an idle gauge is forgotten, one that is recorded is not', () => {
    const { meter, values, wait } = createExpiring();
    const gauge = meter.createGauge('g');
    gauge.record(1, { id: 1 });
    gauge.record(2, { id: 2 });
    values('g');
    for (let second = 0; second < 3; second += 1) {
      wait(600);
      gauge.record(3, { id: 2 });
      values('g');
    }
    deepEqual(values('g'), { '{"id":2}': 3 });
  });

  test('a counter that comes back starts at zero with a later start time, and has room again', () => {
    const { meter, points, wait } = createExpiring();
    const counter = meter.createCounter('c');
    counter.add(5, { id: 1 });
    counter.add(5, { id: 2 });
    const [first] = points('c');
    wait(1_000);
    equal(points('c').length, 0);
    counter.add(1, { id: 1 });
    const [second] = points('c');
    equal(second?.value, 1);
    ok((second?.startTime[0] ?? 0) > (first?.startTime[0] ?? 0));
  });

  test('a histogram that comes back has no old counts, also in cells used before', () => {
    const { meter, points, wait } = createExpiring();
    const histogram = meter.createHistogram('h');
    histogram.record(7, { id: 1 });
    points('h');
    wait(1_000);
    points('h');
    histogram.record(1, { id: 2 });
    const [point] = points('h');
    equal((point as DataPoint<Histogram>).value.sum, 1);
  });

  test('an up-down counter is forgotten at zero only', () => {
    const { meter, values, wait } = createExpiring();
    const counter = meter.createUpDownCounter('u');
    counter.add(1, { id: 1 });
    counter.add(1, { id: 2 });
    counter.add(-1, { id: 2 });
    values('u');
    wait(5_000);
    deepEqual(values('u'), { '{"id":1}': 1 });
  });

  test('what a callback no longer observes is forgotten', () => {
    const { meter, values, wait } = createExpiring();
    let ids = [1, 2];
    meter.createObservableGauge('g').addCallback((result) => ids.forEach((id) => result.observe(id, { id })));
    values('g');
    ids = [2];
    wait(600);
    values('g');
    wait(600);
    deepEqual(values('g'), { '{"id":2}': 2 });
  });
});
