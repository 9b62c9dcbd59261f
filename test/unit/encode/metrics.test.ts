import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { encodeMetrics } from '../../../src/encode/metrics.ts';

class ManualReader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

async function makeSnapshot(): Promise<ResourceMetrics> {
  const reader = new ManualReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const counter = meter.createCounter('orders');
  for (const shop of ['a', 'b', 'c']) counter.add(1, { shop });
  meter.createHistogram('duration', { unit: 's' }).record(0.2);
  return (await reader.collect()).resourceMetrics;
}

test('a snapshot has the bytes of the official serializer, in a buffer of its own, and counts data points', async () => {
  const snapshot = await makeSnapshot();
  const { bytes, items, unencodableItems } = encodeMetrics(snapshot);
  assert.deepEqual(Buffer.from(bytes ?? []), Buffer.from(ProtobufMetricsSerializer.serializeRequest(snapshot) ?? []));
  assert.equal(bytes?.buffer.byteLength, bytes?.byteLength);
  assert.deepEqual([items, unencodableItems], [4, 0]);
});

/** A copy whose first metric of each scope throws when it is read. */
function withHostileMetric(snapshot: ResourceMetrics, keep: boolean): ResourceMetrics {
  return {
    ...snapshot,
    scopeMetrics: snapshot.scopeMetrics.map(({ scope, metrics }) => {
      const hostile = Object.defineProperty({ ...metrics[0] }, 'descriptor', {
        get: () => {
          throw new Error('hostile');
        },
      }) as (typeof metrics)[number];
      return { scope, metrics: keep ? [...metrics, hostile] : [hostile] };
    }),
  };
}

test('a metric that cannot be encoded is left out and counted, the others are sent', async () => {
  const { items, unencodableItems, bytes } = encodeMetrics(withHostileMetric(await makeSnapshot(), true));
  assert.ok(bytes !== undefined);
  assert.deepEqual([items, unencodableItems], [4, 3]);
});

test('a snapshot of which nothing can be encoded counts all its points as left out', async () => {
  const { items, unencodableItems } = encodeMetrics(withHostileMetric(await makeSnapshot(), false));
  assert.deepEqual([items, unencodableItems], [0, 3]);
});
