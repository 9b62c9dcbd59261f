import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  type CollectionResult,
} from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { SnapshotReader } from '../../../src/metrics/reader.ts';

function names({ resourceMetrics }: CollectionResult): string[] {
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
}

test('concurrent callers share one collection, the next caller gets a new one', async () => {
  const reader = new SnapshotReader();
  let calls = 0;
  new MeterProvider({ readers: [reader] })
    .getMeter('test')
    .createObservableGauge('calls')
    .addCallback((result) => {
      calls += 1;
      result.observe(calls);
    });
  const [first, second] = await Promise.all([reader.snapshot(), reader.snapshot()]);
  equal(first, second);
  equal(calls, 1);
  await reader.snapshot();
  equal(calls, 2);
});

test('callbacks that throw or never settle are left out, counted, and do not hold the rest up', async () => {
  const reader = new SnapshotReader(50);
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  meter.createObservableGauge('stuck').addCallback(() => new Promise(() => {}));
  meter.createObservableGauge('broken').addCallback(() => {
    throw new Error('boom');
  });
  meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
  meter.createCounter('count').add(1);
  const before = degradations()['metrics.observe']?.count ?? 0;
  deepEqual(names(await reader.snapshot()).sort(), ['count', 'fine']);
  equal(degradations()['metrics.observe']?.count, before + 2);
});

test('everything is cumulative', () => {
  const reader = new SnapshotReader();
  for (const type of Object.values(InstrumentType)) {
    equal(reader.selectAggregationTemporality(type), AggregationTemporality.CUMULATIVE, type);
  }
});

test('a flush and the shutdown of a foreign provider first do what was asked for, with values still readable', async () => {
  const reader = new SnapshotReader();
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter('test').createCounter('count').add(1);
  const seen: string[][] = [];
  reader.onFlush(async () => seen.push(names(await reader.snapshot())));
  await provider.forceFlush();
  await provider.shutdown();
  deepEqual(seen, [['count'], ['count']]);
});

test('a snapshot without provider or after shutdown is refused, also repeatedly', async () => {
  const reader = new SnapshotReader();
  await rejects(reader.snapshot());
  const provider = new MeterProvider({ readers: [reader] });
  ok(await reader.snapshot());
  await provider.shutdown();
  await rejects(reader.snapshot());
  await rejects(reader.snapshot());
});
