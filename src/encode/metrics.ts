/**
 * Metric snapshots as protobuf requests, made by the official serializer.
 *
 * One metric that cannot be encoded must not take the others with it.
 * Layer: encode. Loaded with the first snapshot.
 */
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import { countPoints } from './count-points.ts';

/** An `ExportMetricsServiceRequest`. */
export interface EncodedMetrics {
  /** `undefined` when no metric could be encoded. */
  readonly bytes: Uint8Array | undefined;
  /** Data points in it. */
  readonly items: number;
  /** Data points left out because no valid OTLP can be made of them. */
  readonly unencodableItems: number;
}

export function encodeMetrics(snapshot: ResourceMetrics): EncodedMetrics {
  const whole = serialize(snapshot);
  if (whole !== undefined) return { bytes: whole, items: countPoints(snapshot), unencodableItems: 0 };
  const isEncodable = (metric: MetricData): boolean =>
    serialize({ resource: snapshot.resource, scopeMetrics: [{ scope: { name: 'trial' }, metrics: [metric] }] }) !==
    undefined;
  const rest = {
    resource: snapshot.resource,
    scopeMetrics: snapshot.scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(isEncodable) })),
  };
  const bytes = serialize(rest);
  const items = bytes === undefined ? 0 : countPoints(rest);
  return { bytes, items, unencodableItems: countPoints(snapshot) - items };
}

function serialize(snapshot: ResourceMetrics): Uint8Array | undefined {
  try {
    // A copy: the serializer's own buffer is 64 KB at least, however small the request, and may wait for long.
    return ProtobufMetricsSerializer.serializeRequest(snapshot)?.slice();
  } catch (cause) {
    degrade('encode.metrics', cause);
    return undefined;
  }
}
