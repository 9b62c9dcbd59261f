/**
 * The messages of OTLP 1.x as data: one table for everything that reads or converts them.
 *
 * Source: opentelemetry-proto (common, resource, trace, metrics, logs). A field has its number, its JSON name, its
 * type, and the name it gets in `received.ts` where that differs. Fields not listed are skipped by the readers.
 * Layer: encode.
 */

/** How a single value is written: protobuf type and the type handed out. */
export type Scalar =
  | 'string'
  | 'bool'
  | 'uint32' // varint, number
  | 'sint32' // zigzag varint, number
  | 'uint64' // varint, number
  | 'int64' // varint, number, or bigint where a number would lose digits
  | 'fixed32' // number
  | 'fixed64' // number
  | 'sfixed64' // number
  | 'nanos' // fixed64, bigint
  | 'double'
  | 'bytes' // Uint8Array; base64 in JSON
  | 'traceId' // 16 bytes, hex; hex in JSON too
  | 'spanId'; // 8 bytes, hex; hex in JSON too

/** Words of an enumeration, by number. */
export interface Enumeration {
  readonly words: readonly string[];
}

/** `any`: AnyValue, handed out as its value. `attribute`: KeyValue; repeated ones are handed out as one object. */
export type FieldType = Scalar | Enumeration | Schema | 'any' | 'attribute';

export interface Field {
  readonly number: number;
  /** Name in the JSON encoding. */
  readonly json: string;
  /** Name in the decoded object. */
  readonly name: string;
  readonly type: FieldType;
  /** `one`: default when absent; `optional`: left out when absent; `many`: an array. */
  readonly presence: 'one' | 'optional' | 'many';
}

/** A message. */
export interface Schema {
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
}

function message(...fields: Field[]): Schema {
  return { fields, byNumber: new Map(fields.map((entry) => [entry.number, entry])) };
}

function one(number: number, json: string, type: FieldType, name: string = json): Field {
  return { number, json, name, type, presence: 'one' };
}

function optional(number: number, json: string, type: FieldType, name: string = json): Field {
  return { number, json, name, type, presence: 'optional' };
}

function many(number: number, json: string, type: FieldType, name: string = json): Field {
  return { number, json, name, type, presence: 'many' };
}

/** AnyValue: one of a scalar (`value`) or a list (`list.values`). */
export const ANY_VALUE: Schema = message(
  optional(1, 'stringValue', 'string', 'value'),
  optional(2, 'boolValue', 'bool', 'value'),
  optional(3, 'intValue', 'int64', 'value'),
  optional(4, 'doubleValue', 'double', 'value'),
  optional(5, 'arrayValue', message(many(1, 'values', 'any')), 'list'),
  optional(6, 'kvlistValue', message(many(1, 'values', 'attribute')), 'list'),
  optional(7, 'bytesValue', 'bytes', 'value'),
);

export const KEY_VALUE: Schema = message(one(1, 'key', 'string'), one(2, 'value', 'any'));

const TEMPORALITY: Enumeration = { words: ['unspecified', 'delta', 'cumulative'] };

const RESOURCE: Schema = message(many(1, 'attributes', 'attribute'), one(2, 'droppedAttributesCount', 'uint32'));

const SCOPE: Schema = message(
  one(1, 'name', 'string'),
  one(2, 'version', 'string'),
  many(3, 'attributes', 'attribute'),
  one(4, 'droppedAttributesCount', 'uint32'),
);

const EVENT: Schema = message(
  one(1, 'timeUnixNano', 'nanos', 'timeNanos'),
  one(2, 'name', 'string'),
  many(3, 'attributes', 'attribute'),
  one(4, 'droppedAttributesCount', 'uint32'),
);

const LINK: Schema = message(
  one(1, 'traceId', 'traceId'),
  one(2, 'spanId', 'spanId'),
  one(3, 'traceState', 'string'),
  many(4, 'attributes', 'attribute'),
  one(5, 'droppedAttributesCount', 'uint32'),
  one(6, 'flags', 'fixed32'),
);

const STATUS: Schema = message(one(2, 'message', 'string'), one(3, 'code', { words: ['unset', 'ok', 'error'] }));

const SPAN: Schema = message(
  one(1, 'traceId', 'traceId'),
  one(2, 'spanId', 'spanId'),
  one(3, 'traceState', 'string'),
  optional(4, 'parentSpanId', 'spanId'),
  one(5, 'name', 'string'),
  one(6, 'kind', { words: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] }),
  one(7, 'startTimeUnixNano', 'nanos', 'startNanos'),
  one(8, 'endTimeUnixNano', 'nanos', 'endNanos'),
  many(9, 'attributes', 'attribute'),
  one(10, 'droppedAttributesCount', 'uint32'),
  many(11, 'events', EVENT),
  one(12, 'droppedEventsCount', 'uint32'),
  many(13, 'links', LINK),
  one(14, 'droppedLinksCount', 'uint32'),
  one(15, 'status', STATUS),
  one(16, 'flags', 'fixed32'),
);

const LOG_RECORD: Schema = message(
  one(1, 'timeUnixNano', 'nanos', 'timeNanos'),
  one(2, 'severityNumber', 'uint32'),
  one(3, 'severityText', 'string'),
  one(5, 'body', 'any'),
  many(6, 'attributes', 'attribute'),
  one(7, 'droppedAttributesCount', 'uint32'),
  one(8, 'flags', 'fixed32'),
  optional(9, 'traceId', 'traceId'),
  optional(10, 'spanId', 'spanId'),
  one(11, 'observedTimeUnixNano', 'nanos', 'observedTimeNanos'),
  one(12, 'eventName', 'string'),
);

const EXEMPLAR: Schema = message(
  one(2, 'timeUnixNano', 'nanos', 'timeNanos'),
  optional(3, 'asDouble', 'double', 'value'),
  optional(4, 'spanId', 'spanId'),
  optional(5, 'traceId', 'traceId'),
  optional(6, 'asInt', 'sfixed64', 'value'),
  many(7, 'filteredAttributes', 'attribute'),
);

const POINT_TIMES: readonly Field[] = [
  one(2, 'startTimeUnixNano', 'nanos', 'startNanos'),
  one(3, 'timeUnixNano', 'nanos', 'timeNanos'),
];

const NUMBER_POINT: Schema = message(
  ...POINT_TIMES,
  optional(4, 'asDouble', 'double', 'value'),
  many(5, 'exemplars', EXEMPLAR),
  optional(6, 'asInt', 'sfixed64', 'value'),
  many(7, 'attributes', 'attribute'),
  one(8, 'flags', 'uint32'),
);

const HISTOGRAM_POINT: Schema = message(
  ...POINT_TIMES,
  one(4, 'count', 'fixed64'),
  optional(5, 'sum', 'double'),
  many(6, 'bucketCounts', 'fixed64'),
  many(7, 'explicitBounds', 'double', 'bounds'),
  many(8, 'exemplars', EXEMPLAR),
  many(9, 'attributes', 'attribute'),
  one(10, 'flags', 'uint32'),
  optional(11, 'min', 'double'),
  optional(12, 'max', 'double'),
);

const BUCKETS: Schema = message(one(1, 'offset', 'sint32'), many(2, 'bucketCounts', 'uint64'));

const EXPONENTIAL_POINT: Schema = message(
  many(1, 'attributes', 'attribute'),
  ...POINT_TIMES,
  one(4, 'count', 'fixed64'),
  optional(5, 'sum', 'double'),
  one(6, 'scale', 'sint32'),
  one(7, 'zeroCount', 'fixed64'),
  one(8, 'positive', BUCKETS),
  one(9, 'negative', BUCKETS),
  one(10, 'flags', 'uint32'),
  many(11, 'exemplars', EXEMPLAR),
  optional(12, 'min', 'double'),
  optional(13, 'max', 'double'),
  one(14, 'zeroThreshold', 'double'),
);

const SUMMARY_POINT: Schema = message(
  ...POINT_TIMES,
  one(4, 'count', 'fixed64'),
  one(5, 'sum', 'double'),
  many(6, 'quantileValues', message(one(1, 'quantile', 'double'), one(2, 'value', 'double')), 'quantiles'),
  many(7, 'attributes', 'attribute'),
  one(8, 'flags', 'uint32'),
);

function metricData(point: Schema, more: readonly Field[] = []): Schema {
  return message(many(1, 'dataPoints', point, 'points'), ...more);
}

const WITH_TEMPORALITY = one(2, 'aggregationTemporality', TEMPORALITY, 'temporality');

const METRIC: Schema = message(
  one(1, 'name', 'string'),
  one(2, 'description', 'string'),
  one(3, 'unit', 'string'),
  optional(5, 'gauge', metricData(NUMBER_POINT)),
  optional(7, 'sum', metricData(NUMBER_POINT, [WITH_TEMPORALITY, one(3, 'isMonotonic', 'bool')])),
  optional(9, 'histogram', metricData(HISTOGRAM_POINT, [WITH_TEMPORALITY])),
  optional(10, 'exponentialHistogram', metricData(EXPONENTIAL_POINT, [WITH_TEMPORALITY])),
  optional(11, 'summary', metricData(SUMMARY_POINT)),
);

/** A request holds groups by resource, each with groups by scope, each with items. All three signals share that. */
function exportRequest(resources: string, scopes: string, items: string, item: Schema): Schema {
  const scopeGroup: Schema = message(
    one(1, 'scope', SCOPE),
    many(2, items, item, 'items'),
    one(3, 'schemaUrl', 'string'),
  );
  const resourceGroup: Schema = message(
    one(1, 'resource', RESOURCE),
    many(2, scopes, scopeGroup, 'scopes'),
    one(3, 'schemaUrl', 'string'),
  );
  return message(many(1, resources, resourceGroup, 'resources'));
}

/** `ExportTraceServiceRequest`. */
export const TRACES_REQUEST: Schema = exportRequest('resourceSpans', 'scopeSpans', 'spans', SPAN);

/** `ExportMetricsServiceRequest`. */
export const METRICS_REQUEST: Schema = exportRequest('resourceMetrics', 'scopeMetrics', 'metrics', METRIC);

/** `ExportLogsServiceRequest`. */
export const LOGS_REQUEST: Schema = exportRequest('resourceLogs', 'scopeLogs', 'logRecords', LOG_RECORD);
