/**
 * What the receiver hands out: decoded telemetry as plain objects.
 *
 * The shapes follow OTLP, made pleasant for people: ids are lower-case hex, attributes one object, enumerations words,
 * counts numbers, and each item carries the resource and scope it came with. Optional keys are left out when absent,
 * so items of both encodings compare equal.
 * Layer: receiver.
 */

/** One attribute value. 64-bit integers beyond `Number.MAX_SAFE_INTEGER` are `bigint`; an empty value is `null`. */
export type ReceivedValue =
  | string
  | boolean
  | number
  | bigint
  | null
  | Uint8Array
  | readonly ReceivedValue[]
  | ReceivedAttributes;

/** Attributes by key. */
export interface ReceivedAttributes {
  readonly [key: string]: ReceivedValue;
}

/** The instrumentation that made an item. */
export interface ReceivedScope {
  readonly name: string;
  readonly version: string;
  readonly attributes: ReceivedAttributes;
  readonly droppedAttributesCount: number;
  /** Semantic conventions the scope follows; empty when it does not say. */
  readonly schemaUrl: string;
}

/** Where an item came from; part of every span, log record and metric. */
export interface ReceivedSource {
  /** `service.name` of the resource; empty when it has none. */
  readonly serviceName: string;
  /** Attributes of the resource. */
  readonly resource: ReceivedAttributes;
  readonly scope: ReceivedScope;
}

export type ReceivedSpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A span. */
export interface ReceivedSpan extends ReceivedSource {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for a root span. */
  readonly parentSpanId?: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: ReceivedSpanKind;
  /** Nanoseconds since the Unix epoch. */
  readonly startNanos: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly endNanos: bigint;
  readonly attributes: ReceivedAttributes;
  readonly events: readonly ReceivedSpanEvent[];
  readonly links: readonly ReceivedSpanLink[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
  /** W3C trace flags in bits 0-7; bits 8 and 9 tell whether the parent is remote. */
  readonly flags: number;
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

export interface ReceivedSpanEvent {
  readonly name: string;
  /** Nanoseconds since the Unix epoch. */
  readonly timeNanos: bigint;
  readonly attributes: ReceivedAttributes;
  readonly droppedAttributesCount: number;
}

export interface ReceivedSpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: ReceivedAttributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

/** A log record. */
export interface ReceivedLog extends ReceivedSource {
  /** Nanoseconds since the Unix epoch; 0 when unknown. */
  readonly timeNanos: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly observedTimeNanos: bigint;
  /** 1 to 24, OTel log data model; 0 when unspecified. */
  readonly severityNumber: number;
  readonly severityText: string;
  /** `null` when the record has none. */
  readonly body: ReceivedValue;
  readonly attributes: ReceivedAttributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  /** Absent for a record made outside a span. */
  readonly traceId?: string;
  readonly spanId?: string;
  /** Empty when the record is not an event. */
  readonly eventName: string;
}

export type ReceivedMetricType = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';

/** One metric of one export, with all its points. */
export interface ReceivedMetric extends ReceivedSource {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: ReceivedMetricType;
  /** Absent for gauges and summaries, which have none. */
  readonly temporality?: 'unspecified' | 'delta' | 'cumulative';
  /** Present for sums only. */
  readonly isMonotonic?: boolean;
  readonly points: readonly ReceivedPoint[];
}

/**
 * One data point. One shape for all types, so that a test reads `receiver.metric('x')?.value` without narrowing;
 * each optional key says which type has it. Values are numbers: above 2^53 they lose their last digits.
 */
export interface ReceivedPoint {
  readonly attributes: ReceivedAttributes;
  /** Nanoseconds since the Unix epoch. */
  readonly startNanos: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly timeNanos: bigint;
  /** Bit 0: no recorded value. */
  readonly flags: number;
  /** Gauge, sum. */
  readonly value?: number;
  /** Histogram, exponential histogram, summary. */
  readonly count?: number;
  /** Histogram, exponential histogram, summary. */
  readonly sum?: number;
  /** Histogram, exponential histogram. */
  readonly min?: number;
  /** Histogram, exponential histogram. */
  readonly max?: number;
  /** Histogram: upper bounds of all buckets but the last. */
  readonly bounds?: readonly number[];
  /** Histogram: one count for each bucket. */
  readonly bucketCounts?: readonly number[];
  /** Exponential histogram. */
  readonly scale?: number;
  /** Exponential histogram. */
  readonly zeroCount?: number;
  /** Exponential histogram. */
  readonly zeroThreshold?: number;
  /** Exponential histogram. */
  readonly positive?: ReceivedBuckets;
  /** Exponential histogram. */
  readonly negative?: ReceivedBuckets;
  /** Summary. */
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number }[];
  /** All types but summary. */
  readonly exemplars?: readonly ReceivedExemplar[];
}

/** Buckets of an exponential histogram. */
export interface ReceivedBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

export interface ReceivedExemplar {
  /** Attributes of the measurement that the series does not have. */
  readonly filteredAttributes: ReceivedAttributes;
  /** Nanoseconds since the Unix epoch. */
  readonly timeNanos: bigint;
  readonly value?: number;
  readonly traceId?: string;
  readonly spanId?: string;
}

/** A Sentry envelope. */
export interface ReceivedEnvelope {
  /** Project of the DSN. */
  readonly project: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly items: readonly ReceivedEnvelopeItem[];
}

export interface ReceivedEnvelopeItem {
  /** `event`, `transaction`, `session`, `log`, `client_report`, … */
  readonly type: string;
  readonly header: Readonly<Record<string, unknown>>;
  /** The parsed JSON of the payload, or its bytes when it is not JSON. */
  readonly payload: unknown;
}

/** What a request carried, by its address. `sentrySpans` is Sentry's own OTLP endpoint for traces. */
export type ReceivedSignal = 'traces' | 'metrics' | 'logs' | 'envelopes' | 'sentrySpans';

/** One POST, successful or not. */
export interface ReceivedRequest {
  /** `other`: sent to an address the receiver does not have. */
  readonly signal: ReceivedSignal | 'other';
  /** Path with query. */
  readonly path: string;
  /** Lower-case names; several values of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** Size as sent, before decompression. */
  readonly wireBytes: number;
  /** The body, decompressed; empty when it could not be. */
  readonly body: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly receivedMillis: number;
  /** How many items were stored from it. */
  readonly stored: number;
  /** Status of the answer; absent while there is none. */
  readonly status?: number;
}
