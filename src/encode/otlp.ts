/**
 * Spans, log records and metric snapshots as OTLP requests, made by the official serializers.
 *
 * One item that cannot be encoded must not take the others with it: upstream loses the whole batch to a circular
 * log body. Layer: encode. Loaded with the first request.
 */
import {
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Protocol } from '../config/config.ts';
import { degrade } from '../core/guard.ts';

/** One request body. */
export interface Encoded {
  /** `undefined` when no item could be encoded. */
  readonly body: Uint8Array | undefined;
  readonly contentType: string;
  /** Spans, log records or data points in the body. */
  readonly items: number;
  /** Items left out because no valid OTLP can be made of them. */
  readonly unencodableItems: number;
}

/** Encodes spans as one `ExportTraceServiceRequest`. */
export function encodeTraces(spans: readonly ReadableSpan[], protocol: Protocol): Encoded {
  return encodeList('encode.traces', spans, { protocol, serializers: [ProtobufTraceSerializer, JsonTraceSerializer] });
}

/** Encodes log records as one `ExportLogsServiceRequest`. */
export function encodeLogs(records: readonly ReadableLogRecord[], protocol: Protocol): Encoded {
  return encodeList('encode.logs', records, { protocol, serializers: [ProtobufLogsSerializer, JsonLogsSerializer] });
}

/** Encodes a metric snapshot as one `ExportMetricsServiceRequest`. */
export function encodeMetrics(snapshot: ResourceMetrics, protocol: Protocol): Encoded {
  const serializer = protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
  const whole = serialize('encode.metrics', serializer, snapshot);
  if (whole !== undefined) return encoded(protocol, whole, countPoints(snapshot));
  const isEncodable = (metric: MetricData): boolean =>
    serialize('encode.metrics', serializer, {
      resource: snapshot.resource,
      scopeMetrics: [{ scope: { name: 'trial' }, metrics: [metric] }],
    }) !== undefined;
  const rest = {
    resource: snapshot.resource,
    scopeMetrics: snapshot.scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(isEncodable) })),
  };
  const body = serialize('encode.metrics', serializer, rest);
  return encoded(protocol, body, body === undefined ? 0 : countPoints(rest), countPoints(snapshot));
}

interface Codec<T> {
  readonly protocol: Protocol;
  /** For protobuf and for JSON. */
  readonly serializers: readonly [ISerializer<T[], unknown>, ISerializer<T[], unknown>];
}

function encodeList<T>(site: string, items: readonly T[], { protocol, serializers }: Codec<T>): Encoded {
  const serializer = serializers[protocol === 'http/json' ? 1 : 0];
  const whole = serialize(site, serializer, [...items]);
  if (whole !== undefined) return encoded(protocol, whole, items.length);
  const rest = items.filter((item) => serialize(site, serializer, [item]) !== undefined);
  const body = rest.length === 0 ? undefined : serialize(site, serializer, rest);
  return encoded(protocol, body, body === undefined ? 0 : rest.length, items.length);
}

function encoded(protocol: Protocol, body: Uint8Array | undefined, items: number, givenItems: number = items): Encoded {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  return { body, contentType, items, unencodableItems: givenItems - items };
}

function serialize<T>(site: string, serializer: ISerializer<T, unknown>, request: T): Uint8Array | undefined {
  try {
    // A copy: the serializer's own buffer is 64 KB at least, however small the request, and may wait for long.
    return serializer.serializeRequest(request)?.slice();
  } catch (cause) {
    degrade(site, cause);
    return undefined;
  }
}

function countPoints({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}
