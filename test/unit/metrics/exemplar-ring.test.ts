import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { context, type Context, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import type { Exemplar } from '../../../src/encode/exemplar.ts';
import type { StoredPoint } from '../../../src/metrics/stored-instrument.ts';
import { createTestStore } from '../../support/metric-store.ts';

const inSpan = (spanId: string, traceFlags: number): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: '0af7651916cd43dd8448eb211c80319c', spanId, traceFlags });
const exemplarsOf = (point: unknown): readonly Exemplar[] | undefined =>
  (point as StoredPoint<unknown> | undefined)?.exemplars;

test('the newest measurement of each bucket in a sampled span is kept, by series', () => {
  let now = 1_000;
  const { meter, points } = createTestStore({}, { exemplars: true, clock: () => (now += 1) });
  const histogram = meter.createHistogram('h', { advice: { explicitBucketBoundaries: [10] } });
  const sampled = inSpan('b7ad6b7169203331', TraceFlags.SAMPLED);
  histogram.record(1, { id: 1 }, sampled);
  histogram.record(2, { id: 1 }, inSpan('b7ad6b7169203332', TraceFlags.SAMPLED));
  histogram.record(20, { id: 1 }, sampled);
  histogram.record(3, { id: 2 }, inSpan('b7ad6b7169203333', TraceFlags.NONE));
  histogram.record(4, { id: 2 }, context.active());
  const [first, second] = points('h');
  deepEqual(
    exemplarsOf(first)?.map(({ value, spanId }) => [value, spanId]),
    [
      [2, 'b7ad6b7169203332'],
      [20, 'b7ad6b7169203331'],
    ],
  );
  equal(exemplarsOf(second), undefined);
});

test('there are none unless they are asked for', () => {
  const { meter, points } = createTestStore();
  meter.createCounter('c').add(1, {}, inSpan('b7ad6b7169203331', TraceFlags.SAMPLED));
  equal(exemplarsOf(points('c')[0]), undefined);
});
