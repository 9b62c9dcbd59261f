/**
 * From a request body to items: decodes by encoding, then gives each item the resource and scope it came with.
 *
 * Layer: receiver.
 */
import { readJson } from './json-reader.ts';
import type { Decoded, Message } from './message.ts';
import { LOGS_REQUEST, METRICS_REQUEST, TRACES_REQUEST, type Schema } from '../encode/otlp-schema.ts';
import { readProtobuf } from './protobuf-reader.ts';
import type {
  ReceivedAttributes,
  ReceivedLog,
  ReceivedMetric,
  ReceivedMetricType,
  ReceivedScope,
  ReceivedSource,
  ReceivedSpan,
} from './received.ts';

/** The two encodings of OTLP/HTTP. */
export type Encoding = 'protobuf' | 'json';

/** Decodes an `ExportTraceServiceRequest`. */
export function decodeSpans(body: Uint8Array, encoding: Encoding): Decoded<ReceivedSpan[]> {
  return decodeItems(TRACES_REQUEST, body, encoding) as Decoded<unknown> as Decoded<ReceivedSpan[]>;
}

/** Decodes an `ExportLogsServiceRequest`. */
export function decodeLogs(body: Uint8Array, encoding: Encoding): Decoded<ReceivedLog[]> {
  return decodeItems(LOGS_REQUEST, body, encoding) as Decoded<unknown> as Decoded<ReceivedLog[]>;
}

/** Decodes an `ExportMetricsServiceRequest`. A metric without data is left out. */
export function decodeMetrics(body: Uint8Array, encoding: Encoding): Decoded<ReceivedMetric[]> {
  const decoded = decodeItems(METRICS_REQUEST, body, encoding);
  return decoded.ok ? { ok: true, value: decoded.value.flatMap(flattenMetric) } : decoded;
}

interface Groups {
  readonly resources: readonly {
    readonly resource: { readonly attributes: ReceivedAttributes };
    readonly scopes: readonly {
      readonly scope: Omit<ReceivedScope, 'schemaUrl'>;
      readonly schemaUrl: string;
      readonly items: readonly Message[];
    }[];
  }[];
}

function decodeItems(schema: Schema, body: Uint8Array, encoding: Encoding): Decoded<Message[]> {
  const decoded = encoding === 'json' ? readJson(schema, body) : readProtobuf(schema, body);
  if (!decoded.ok) return decoded;
  const groups = decoded.value as unknown as Groups;
  return { ok: true, value: groups.resources.flatMap(({ resource, scopes }) => itemsOf(resource.attributes, scopes)) };
}

function itemsOf(resource: ReceivedAttributes, scopes: Groups['resources'][number]['scopes']): Message[] {
  const name = resource['service.name'];
  return scopes.flatMap(({ scope, schemaUrl, items }) => {
    const source: ReceivedSource = {
      serviceName: typeof name === 'string' ? name : '',
      resource,
      scope: { ...scope, schemaUrl },
    };
    return items.map((item) => Object.assign(item, source));
  });
}

const METRIC_TYPES: readonly ReceivedMetricType[] = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/** On the wire the points sit one level deeper, in a member named after the type. */
function flattenMetric(message: Message): ReceivedMetric[] {
  const type = METRIC_TYPES.find((name) => message[name] !== undefined);
  if (type === undefined) return [];
  const { [type]: data, ...rest } = message;
  return [{ ...rest, type, ...(data as Message) } as unknown as ReceivedMetric];
}
