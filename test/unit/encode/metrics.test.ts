import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MeterProvider, MetricReader, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { MetricEncoder } from '../../../src/encode/metrics.ts';
import { decodeMetrics } from '../../../src/receiver/otlp-items.ts';
import type { ReceivedMetric } from '../../../src/receiver/received.ts';
import { encodeSnapshot } from '../../support/encode-snapshot.ts';
import { hostileValues } from './encode-support.ts';

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

function decode(bytes: Uint8Array): ReceivedMetric[] {
  const decoded = decodeMetrics(bytes, 'protobuf');
  assert.ok(decoded.ok);
  return decoded.value;
}

/** A copy with other metrics. */
function withMetrics(
  snapshot: ResourceMetrics,
  change: (metrics: readonly MetricData[]) => MetricData[],
): ResourceMetrics {
  return {
    ...snapshot,
    scopeMetrics: snapshot.scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: change(metrics) })),
  };
}

/** A copy that throws when `member` is read. */
function hostile<T extends object>(object: T | undefined, member: keyof T): T {
  const get = (): never => {
    throw new Error('hostile');
  };
  return Object.defineProperty({ ...object }, member, { get }) as T;
}

suite('what cannot be encoded is left out and counted, the rest is sent', () => {
  test('a metric', async () => {
    const snapshot = await makeSnapshot();
    for (const member of ['descriptor', 'dataPointType', 'isMonotonic', 'aggregationTemporality'] as const) {
      const some = withMetrics(snapshot, (metrics) => [...metrics, hostile(metrics[0] as never, member as never)]);
      const { items, unencodableItems, bytes } = encodeSnapshot(some);
      assert.deepEqual([items, unencodableItems, decode(bytes).length], [4, 3, 2], member);
    }
    const unknown = { ...snapshot.scopeMetrics[0]?.metrics[0], dataPointType: 17 } as unknown as MetricData;
    assert.equal(encodeSnapshot(withMetrics(snapshot, () => [unknown])).unencodableItems, 3);
  });

  test('a data point', async () => {
    const snapshot = await makeSnapshot();
    for (const member of ['value', 'startTime', 'endTime', 'attributes'] as const) {
      const some = withMetrics(snapshot, (metrics) =>
        metrics.map((metric) => {
          const [first, ...others] = metric.dataPoints;
          return { ...metric, dataPoints: [hostile(first as object, member as never), ...others] } as MetricData;
        }),
      );
      const { items, unencodableItems, bytes } = encodeSnapshot(some);
      assert.deepEqual([items, unencodableItems], [2, 2], member);
      assert.deepEqual(
        decode(bytes).map(({ name, points }) => [name, points.length]),
        [['orders', 2]],
      );
    }
  });

  test('a data point with an attribute that is none: without it, it would be one of another series', async () => {
    const snapshot = await makeSnapshot();
    for (const [name, value] of Object.entries(hostileValues())) {
      const some = withMetrics(snapshot, (metrics) =>
        metrics.map((metric) => {
          const [first, ...others] = metric.dataPoints;
          return { ...metric, dataPoints: [{ ...first, attributes: { shop: value } }, ...others] } as MetricData;
        }),
      );
      const { items, unencodableItems } = encodeSnapshot(some);
      assert.deepEqual([items, unencodableItems], [2, 2], name);
    }
  });

  test('an exemplar, not its point', async () => {
    const exemplars = [
      { value: 1, timeMillis: 1_700_000_000_123.25, traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) },
      { value: 1, timeMillis: 1, traceId: 'no id', spanId: 'cd'.repeat(8) },
    ];
    const some = withMetrics(await makeSnapshot(), (metrics) =>
      metrics.map((metric) => {
        const dataPoints = metric.dataPoints.map((point) => ({ ...point, exemplars }));
        return { ...metric, dataPoints } as unknown as MetricData;
      }),
    );
    const before = degradations()['encode.exemplar']?.count ?? 0;
    const { items, bytes } = encodeSnapshot(some);
    assert.equal(items, 4);
    for (const point of decode(bytes).flatMap(({ points }) => points)) {
      assert.deepEqual(point.exemplars, [
        {
          value: 1,
          timeNanos: 1_700_000_000_123_250_000n,
          traceId: 'ab'.repeat(16),
          spanId: 'cd'.repeat(8),
          filteredAttributes: {},
        },
      ]);
    }
    assert.equal(degradations()['encode.exemplar']?.count, before + 4);
  });
});

test('a snapshot in the midst of which another one is encoded is not changed by that', async () => {
  const snapshot = await makeSnapshot();
  const encoder = new MetricEncoder();
  const reentrant = withMetrics(snapshot, (metrics) =>
    metrics.map((metric) => {
      const dataPoints = metric.dataPoints.map((point) => ({
        startTime: point.startTime,
        endTime: point.endTime,
        attributes: point.attributes,
        get value() {
          encodeSnapshot(snapshot, encoder);
          return point.value;
        },
      }));
      return { ...metric, dataPoints } as MetricData;
    }),
  );
  assert.deepEqual(decode(encodeSnapshot(reentrant, encoder).bytes), decode(encodeSnapshot(snapshot).bytes));
});
