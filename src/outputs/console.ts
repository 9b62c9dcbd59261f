/**
 * Spans, log records and metrics as one line each on stderr, for `OTEL_*_EXPORTER=console`.
 *
 * Never stdout: that belongs to the program, whose output may be piped.
 * Layer: outputs. Loaded only when a console output is configured.
 */
import { inspect } from 'node:util';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { guard } from '../core/guard.ts';
import type { LineWriter } from '../core/notices.ts';
import { redactJson } from '../encode/redact-json.ts';
import { redactText } from '../encode/redact.ts';

const toStderr: LineWriter = (line) => {
  process.stderr.write(line);
};

const settled = (): Promise<void> => Promise.resolve();

/** Prints each span when it ends: kind, name, duration, status, ids, attributes, events. */
export function createConsoleSpanProcessor(write: LineWriter = toStderr): SpanProcessor {
  const onEnd = (span: ReadableSpan): void => print(() => describeSpan(span), write);
  return { onStart: () => undefined, onEnd, forceFlush: settled, shutdown: settled };
}

/** Prints each record: time, severity, body, ids, attributes. */
export function createConsoleLogProcessor(write: LineWriter = toStderr): LogRecordProcessor {
  const onEmit = (record: ReadableLogRecord): void => print(() => describeRecord(record), write);
  return { onEmit, forceFlush: settled, shutdown: settled };
}

/** Prints each data point of a snapshot: name, value, unit, attributes. */
export interface ConsoleMetricPrinter {
  /** Never rejects. */
  push(snapshot: ResourceMetrics): Promise<void>;
}

export function createConsoleMetricPrinter(write: LineWriter = toStderr): ConsoleMetricPrinter {
  return {
    push: async ({ scopeMetrics }) => {
      for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const point of metric.dataPoints) print(() => describePoint(metric, point), write);
      }
    },
  };
}

function print(describe: () => string, write: LineWriter): void {
  guard('outputs.console', () => write(`${redactText(describe()).replaceAll(/[\r\n]+\s*/g, ' ')}\n`), undefined);
}

function describeSpan(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  const status = span.status.code === SpanStatusCode.UNSET ? undefined : SpanStatusCode[span.status.code];
  return joinWords(
    'span',
    SpanKind[span.kind]?.toLowerCase(),
    span.name,
    `${hrTimeToMilliseconds(span.duration).toFixed(1)} ms`,
    status,
    span.status.message,
    `trace=${traceId}`,
    `span=${spanId}`,
    span.parentSpanContext === undefined ? undefined : `parent=${span.parentSpanContext.spanId}`,
    describeAttributes(span.attributes),
    ...span.events.map((event) => joinWords('event', event.name, describeAttributes(event.attributes ?? {}))),
  );
}

function describeRecord(record: ReadableLogRecord): string {
  const { spanContext, severityText, severityNumber } = record;
  return joinWords(
    'log',
    new Date(hrTimeToMilliseconds(record.hrTime)).toISOString(),
    severityText ?? (severityNumber === undefined ? undefined : `severity ${severityNumber}`),
    record.eventName,
    typeof record.body === 'string' ? record.body : describeValue(record.body),
    ...(spanContext === undefined ? [] : [`trace=${spanContext.traceId}`, `span=${spanContext.spanId}`]),
    describeAttributes(record.attributes),
  );
}

function describePoint({ descriptor }: MetricData, { attributes, value }: Point): string {
  const shown = typeof value === 'number' ? String(value) : describeDistribution(value);
  return joinWords('metric', descriptor.name, shown, descriptor.unit, describeAttributes(attributes));
}

type Point = MetricData['dataPoints'][number];

function describeDistribution({ count, sum, min, max }: Exclude<Point['value'], number>): string {
  const parts = Object.entries({ count, sum, min, max }).filter(([, value]) => value !== undefined);
  return parts.map(([name, value]) => `${name}=${value}`).join(' ');
}

function describeAttributes(attributes: object): string | undefined {
  return Object.keys(attributes).length === 0 ? undefined : describeValue(attributes);
}

/** Like JSON, but for any value: cycles, big integers and throwing getters included. */
function describeValue(value: unknown): string | undefined {
  return value === undefined
    ? undefined
    : inspect(redactJson(value), { breakLength: Infinity, depth: 5, maxStringLength: 1000 });
}

function joinWords(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}
