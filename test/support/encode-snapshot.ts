/** A metric snapshot as one request, whatever its size. */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { runAtOnce } from '../../src/core/slices.ts';
import { MetricEncoder } from '../../src/encode/metrics.ts';
import { type FramedMetric, frameMetrics } from '../../src/encode/request-frame.ts';

export interface EncodedSnapshot {
  readonly bytes: Uint8Array;
  /** Data points in it. */
  readonly items: number;
  readonly unencodableItems: number;
}

export function encodeSnapshot(
  snapshot: ResourceMetrics,
  encoder: MetricEncoder = new MetricEncoder(),
): EncodedSnapshot {
  const groups = new Map<FramedMetric, Uint8Array[]>();
  let items = 0;
  const steps = encoder.encode(snapshot, (writer, start, metric) => {
    const slices = groups.get(metric) ?? [];
    groups.set(metric, slices);
    slices.push(writer.take(start));
    items += 1;
  });
  const unencodableItems = runAtOnce(steps);
  const bytes = frameMetrics(
    snapshot.resource,
    [...groups].map(([metric, slices]) => ({ metric, slices })),
  );
  return { bytes, items, unencodableItems };
}
