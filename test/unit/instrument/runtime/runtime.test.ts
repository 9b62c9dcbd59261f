import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type MeterProvider } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { renderText } from '../../../../src/encode/text.ts';
import { CONTAINER, ENGINE, EVENT_LOOP, PROCESS } from '../../../../src/instrument/runtime/catalogue.ts';
import { observeRuntime } from '../../../../src/instrument/runtime/runtime.ts';
import { createRoutedProvider } from '../../../../src/metrics/routed-meter.ts';
import { MetricStore } from '../../../../src/metrics/store.ts';
import { DEFAULT_LIMITS } from '../../../support/metrics-config.ts';
import { pointsOf } from '../../../support/metric-store.ts';
import { parsePrometheus } from '../../../support/prometheus-parser.ts';
import { until } from '../../../support/until.ts';

interface Observed {
  readonly store: MetricStore;
  /** Points of a metric as a fresh snapshot has them. */
  readonly points: (name: string) => ReturnType<typeof pointsOf>;
  readonly value: (name: string) => number;
}

function observeHere(t: TestContext, isMainThread = true): Observed {
  const store = new MetricStore({ resource: resourceFromAttributes({}), limits: DEFAULT_LIMITS });
  const provider: MeterProvider = createRoutedProvider({
    store: store.background,
    sdk: new SdkMeterProvider(),
    mirrors: [],
    judge: () => ({ storage: 'store' }),
  });
  const observation = observeRuntime(provider, isMainThread);
  t.after(() => observation.stop());
  const points = (name: string): ReturnType<typeof pointsOf> => pointsOf(store.snapshotNow(), name);
  return { store, points, value: (name) => Number(points(name)[0]?.value) };
}

function block(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

/** Collects garbage whatever flags the test runs with. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('every metric of the catalogue that the machine can tell is on the page, which parses', async (t) => {
  const { store } = observeHere(t);
  const families = await until('a measured delay', () => {
    const page = parsePrometheus(renderText(store.snapshotNow()));
    return page.has('nodejs_eventloop_delay_max_seconds') && page;
  });
  const seen = new Set(
    store
      .snapshotNow()
      .scopeMetrics.flatMap(({ metrics }) => metrics)
      .map(({ descriptor }) => descriptor.name),
  );
  const linuxOnly = new Set([PROCESS.virtual.name, PROCESS.descriptors.name]);
  const optional = new Set(Object.values(CONTAINER).map(({ name }) => name));
  for (const { name } of [EVENT_LOOP, ENGINE, PROCESS].flatMap((part) => Object.values(part))) {
    if (process.platform === 'linux' || !linuxOnly.has(name)) assert.ok(seen.has(name), name);
  }
  const known = [EVENT_LOOP, ENGINE, PROCESS].flatMap((part) => Object.values(part)).map(({ name }) => name);
  assert.deepEqual(
    [...seen].filter((name) => !known.includes(name) && !optional.has(name) && name !== 'v8js.gc.duration'),
    [],
  );
  assert.equal(families.get('process_memory_usage_bytes')?.type, 'gauge');
  assert.equal(families.get('process_cpu_time_seconds_total')?.type, 'counter');
  assert.equal(families.get('nodejs_eventloop_utilization_ratio')?.type, 'gauge');
});

test('values are those of this process', (t) => {
  const { points, value } = observeHere(t);
  const cpu = points('process.cpu.time');
  assert.deepEqual(
    cpu.map(({ attributes }) => attributes['cpu.mode']),
    ['user', 'system'],
  );
  const used = process.cpuUsage();
  const micros = cpu.reduce((sum, point) => sum + Number(point.value), 0) * 1e6;
  assert.ok(micros > 0 && micros <= used.user + used.system, `${micros}`);
  const rss = process.memoryUsage.rss();
  assert.ok(Math.abs(value('process.memory.usage') - rss) < rss / 2);
  assert.ok(value('process.uptime') > 0 && value('process.uptime') <= process.uptime());
  const heap = points('v8js.memory.heap.used').reduce((sum, point) => sum + Number(point.value), 0);
  const { heapUsed } = process.memoryUsage();
  assert.ok(Math.abs(heap - heapUsed) < heapUsed, `${heap} ${heapUsed}`);
  if (process.platform !== 'linux') return;
  assert.ok(value('process.memory.virtual') > rss);
  assert.ok(value('process.unix.file_descriptor.count') >= 3);
});

test('descriptors are counted one by one', { skip: process.platform !== 'linux' }, async (t) => {
  const { value } = observeHere(t);
  const { open } = await import('node:fs/promises');
  const before = value('process.unix.file_descriptor.count');
  const file = await open(import.meta.filename);
  t.after(() => file.close());
  assert.equal(value('process.unix.file_descriptor.count'), before + 1);
});

test('the delay of an idle event loop is not the period of the timer that measures it', async (t) => {
  const { points, value } = observeHere(t);
  await until('a measured delay', () => points('nodejs.eventloop.delay.p50').length > 0);
  assert.ok(value('nodejs.eventloop.delay.min') < 0.02);
});

test('a stall is shown to every reader, not only to the first one', async (t) => {
  const { points, value } = observeHere(t);
  await until('a measured delay', () => points('nodejs.eventloop.delay.max').length > 0);
  block(150);
  await until('the stall', () => value('nodejs.eventloop.delay.max') > 0.1);
  assert.ok(value('nodejs.eventloop.delay.max') > 0.1);
  const utilization = value('nodejs.eventloop.utilization');
  assert.ok(utilization > 0 && utilization <= 1, `${utilization}`);
});

test('garbage collections are recorded by kind, with the advised bounds', async (t) => {
  const { points } = observeHere(t);
  collectGarbage();
  const [major] = await until('a major collection', () => {
    const found = points('v8js.gc.duration').filter(({ attributes }) => attributes['v8js.gc.type'] === 'major');
    return found.length > 0 && found;
  });
  assert.ok(major !== undefined);
  const { count, sum, buckets } = major.value as { count: number; sum: number; buckets: { boundaries: number[] } };
  assert.deepEqual(buckets.boundaries, [0.01, 0.1, 1, 10]);
  assert.ok(count >= 1 && sum > 0 && sum < 10);
});

test('a worker thread says nothing of the process it shares', (t) => {
  const { store } = observeHere(t, false);
  const names = store
    .snapshotNow()
    .scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
  assert.ok(names.includes('v8js.memory.heap.used'));
  assert.deepEqual(
    names.filter((name) => /^(?:process|container)\./.test(name)),
    [],
  );
});

test('it is neither use nor news to the store', async (t) => {
  const { store, points } = observeHere(t);
  collectGarbage();
  await until('a collection', () => points('v8js.gc.duration').length > 0);
  assert.deepEqual([store.isUsed, store.measurements], [false, 0]);
});

test('an empty heap space is no series', (t) => {
  const { points } = observeHere(t);
  for (const { value, attributes } of points('v8js.memory.heap.space.size')) {
    assert.ok(Number(value) > 0, String(attributes['v8js.heap.space.name']));
  }
});

test('what was stopped is asked no more', (t) => {
  const store = new MetricStore({ resource: resourceFromAttributes({}), limits: DEFAULT_LIMITS });
  const routes = {
    store: store.background,
    sdk: new SdkMeterProvider(),
    mirrors: [],
    judge: () => ({ storage: 'store' }) as const,
  };
  const observation = observeRuntime(createRoutedProvider(routes), true);
  t.after(() => observation.stop());
  observation.stop();
  assert.deepEqual(store.snapshotNow().scopeMetrics, []);
});
