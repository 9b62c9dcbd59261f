/**
 * Reads the Collector's file output: one OTLP/JSON export per line, flattened to plain items.
 *
 * Deliberately shares no code with the project, so that it can judge it.
 */
export type Attributes = Readonly<Record<string, unknown>>;

/** Every item carries the attributes of its resource and the name of its scope. */
export interface Item {
  readonly resource: Attributes;
  readonly scope: string;
  readonly attributes: Attributes;
}

export interface SpanItem extends Item {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentSpanId: string;
  readonly name: string;
  /** OTLP number: 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  /** OTLP number: 0 unset, 1 ok, 2 error. */
  readonly status: number;
}

export interface LogItem extends Item {
  readonly body: unknown;
  readonly traceId: string;
  readonly spanId: string;
  readonly severityNumber: number;
}

/** One data point. */
export interface PointItem extends Item {
  readonly name: string;
  readonly unit: string;
  readonly type: 'sum' | 'gauge' | 'histogram' | 'exponentialHistogram' | 'summary';
  /** Value of a number; sum of a histogram. */
  readonly value: number;
  /** Histograms only. */
  readonly count: number | undefined;
}

export interface Telemetry {
  readonly spans: readonly SpanItem[];
  readonly logs: readonly LogItem[];
  readonly points: readonly PointItem[];
}

/** Loosely typed JSON; every access below tolerates absence, as proto3 JSON leaves out defaults. */
interface Json {
  // oxlint-disable-next-line typescript/no-explicit-any -- foreign JSON, shaped by the OTLP schema
  readonly [key: string]: any;
}

const POINT_TYPES = ['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary'] as const;

export function readOtlpJson(lines: string): Telemetry {
  const exports: Json[] = lines
    .split('\n')
    .slice(0, -1) // the part after the last line break is not complete yet
    .map((line) => JSON.parse(line) as Json);
  return {
    spans: exports.flatMap((one) => items(one, 'resourceSpans', 'scopeSpans', 'spans').map(span)),
    logs: exports.flatMap((one) => items(one, 'resourceLogs', 'scopeLogs', 'logRecords').map(log)),
    points: exports.flatMap((one) => items(one, 'resourceMetrics', 'scopeMetrics', 'metrics').flatMap(points)),
  };
}

interface Placed {
  readonly json: Json;
  readonly resource: Attributes;
  readonly scope: string;
}

function items(one: Json, resources: string, scopes: string, leaves: string): Placed[] {
  return list(one[resources]).flatMap((resource) =>
    list(resource[scopes]).flatMap((scope) =>
      list(scope[leaves]).map((json) => ({
        json,
        resource: attributes(resource['resource']?.attributes),
        scope: String(scope['scope']?.name ?? ''),
      })),
    ),
  );
}

function span({ json, resource, scope }: Placed): SpanItem {
  return {
    resource,
    scope,
    attributes: attributes(json['attributes']),
    traceId: text(json['traceId']),
    spanId: text(json['spanId']),
    parentSpanId: text(json['parentSpanId']),
    name: text(json['name']),
    kind: Number(json['kind'] ?? 0),
    startNanos: BigInt(json['startTimeUnixNano'] ?? 0),
    endNanos: BigInt(json['endTimeUnixNano'] ?? 0),
    status: Number(json['status']?.code ?? 0),
  };
}

function log({ json, resource, scope }: Placed): LogItem {
  return {
    resource,
    scope,
    attributes: attributes(json['attributes']),
    body: value(json['body'] ?? {}),
    traceId: text(json['traceId']),
    spanId: text(json['spanId']),
    severityNumber: Number(json['severityNumber'] ?? 0),
  };
}

function points({ json, resource, scope }: Placed): PointItem[] {
  const type = POINT_TYPES.find((name) => name in json) ?? 'gauge';
  return list(json[type]?.dataPoints).map((point) => ({
    resource,
    scope,
    attributes: attributes(point['attributes']),
    name: text(json['name']),
    unit: text(json['unit']),
    type,
    value: Number(point['asDouble'] ?? point['asInt'] ?? point['sum'] ?? 0),
    count: point['count'] === undefined ? undefined : Number(point['count']),
  }));
}

function attributes(pairs: unknown): Attributes {
  return Object.fromEntries(list(pairs).map((pair) => [text(pair['key']), value((pair['value'] ?? {}) as Json)]));
}

function value(any: Json): unknown {
  if ('intValue' in any) return Number(any['intValue']);
  if ('arrayValue' in any) return list(any['arrayValue']?.values).map(value);
  if ('kvlistValue' in any) return attributes(any['kvlistValue']?.values);
  return any['stringValue'] ?? any['boolValue'] ?? any['doubleValue'] ?? any['bytesValue'];
}

function list(maybe: unknown): readonly Json[] {
  return Array.isArray(maybe) ? (maybe as Json[]) : [];
}

function text(maybe: unknown): string {
  return typeof maybe === 'string' ? maybe : '';
}
