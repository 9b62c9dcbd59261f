/**
 * One classic transaction: a local root and what ended below it, as Sentry takes them without OTLP.
 *
 * Layer: sentry. Loaded with the first local root that is sent. Source: develop.sentry.dev, “Transaction Payloads”.
 */
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { redactJson } from '../encode/redact-json.ts';
import type { SentryCaller } from '../traces/sentry-caller.ts';
import { SDK } from './sdk.ts';
import type { SentrySink, SinkIdentity } from './sink.ts';
import { describeSpan } from './span-description.ts';
import { sentryStatusOf } from './span-status.ts';

/** A local root that is complete, as far as it ever will be. */
export interface TransactionInput {
  readonly root: ReadableSpan;
  /** In the order in which they ended. */
  readonly spans: readonly ReadableSpan[];
  /** Spans there was no space for. */
  readonly leftOut: number;
  readonly caller: SentryCaller | undefined;
  readonly sampleRate: number;
}

/** Room for as many spans as a transaction has, with as many attributes as a span has by default. */
const BOUNDS = { maxValues: 200_000 };

/** @param eventId - 32 hexadecimal digits */
export function sendTransaction(
  sink: SentrySink,
  input: TransactionInput,
  identity: SinkIdentity,
  eventId: string,
): void {
  const header = { event_id: eventId, sdk: SDK, trace: samplingContext(input, identity) };
  sink(header, [[{ type: 'transaction' }, redactJson(transactionOf(input, identity, eventId), BOUNDS)]]);
}

function transactionOf({ root, spans, leftOut }: TransactionInput, identity: SinkIdentity, eventId: string): object {
  const { environment, release, serverName } = identity;
  const { description: _, start_timestamp, timestamp, ...traceContext } = spanPayload(root);
  const measurements = measurementsOf(root);
  return {
    type: 'transaction',
    event_id: eventId,
    platform: 'node',
    sdk: SDK,
    environment,
    ...(release !== undefined && { release }),
    ...(serverName !== undefined && { server_name: serverName }),
    transaction: root.name,
    transaction_info: { source: describeSpan(root).source },
    start_timestamp,
    timestamp,
    contexts: {
      trace: traceContext,
      otel: { resource: { ...root.resource.attributes } },
      runtime: { name: 'node', version: process.version },
    },
    spans: spans.map(spanPayload),
    ...(measurements !== undefined && { measurements }),
    ...(leftOut > 0 && { extra: { 'duotel.spans_left_out': leftOut } }),
  };
}

interface SpanPayload {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly op?: string;
  readonly description: string;
  readonly origin: string;
  readonly status: string;
  readonly start_timestamp: number;
  readonly timestamp: number;
  readonly data: object;
}

function spanPayload(span: ReadableSpan): SpanPayload {
  const { traceId, spanId } = span.spanContext();
  const parentId = span.parentSpanContext?.spanId;
  const { op, description } = describeSpan(span);
  const origin = span.attributes['sentry.origin'];
  return {
    trace_id: traceId,
    span_id: spanId,
    ...(parentId !== undefined && { parent_span_id: parentId }),
    ...(op !== undefined && { op }),
    description,
    origin: typeof origin === 'string' ? origin : 'auto.otel',
    status: sentryStatusOf(span),
    start_timestamp: toSeconds(span.startTime),
    timestamp: toSeconds(span.endTime),
    data: { ...span.attributes, 'otel.kind': KINDS[span.kind] },
  };
}

/** In the order of their numbers. */
const KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

/** To the microsecond, which is what a double can hold of the time of day. */
function toSeconds([seconds, nanos]: ReadableSpan['startTime']): number {
  return seconds + Math.round(nanos / 1000) / 1e6;
}

/** Events with a value and a unit, which is how Sentry's packages put measurements on spans of OpenTelemetry. */
function measurementsOf({ events }: ReadableSpan): Record<string, object> | undefined {
  const measured = events.flatMap(({ name, attributes = {} }) => {
    const [value, unit] = [attributes['sentry.measurement_value'], attributes['sentry.measurement_unit']];
    return typeof value === 'number' && typeof unit === 'string' ? [[name, { value, unit }] as const] : [];
  });
  return measured.length === 0 ? undefined : Object.fromEntries(measured);
}

/** What the head of the trace said of it, which nobody changes; our own words if we are the head. */
function samplingContext(input: TransactionInput, identity: SinkIdentity): Readonly<Record<string, string>> {
  const { root, caller, sampleRate } = input;
  if (caller !== undefined && Object.keys(caller.baggage).length > 0) return caller.baggage;
  const { dsn, release, environment } = identity;
  const { source } = describeSpan(root);
  return {
    trace_id: root.spanContext().traceId,
    public_key: dsn.publicKey,
    environment,
    ...(release !== undefined && { release }),
    sampled: 'true',
    sample_rate: String(sampleRate),
    // An address may say who somebody is, and is too various to count by.
    ...(source !== 'url' && { transaction: root.name }),
  };
}
