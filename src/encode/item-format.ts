/**
 * How the items of a signal become bytes, and the bytes a request.
 *
 * Layer: encode. Loaded with the first item.
 */
import { SeverityNumber, SpanStatusCode } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ItemEncoder } from './item-encoder.ts';
import { createLogRecordEncoder } from './log-record.ts';
import { LOGS_REQUEST, type Schema, TRACES_REQUEST } from './otlp-schema.ts';
import { currentRedactor } from './redact.ts';
import { frameLogs, frameTraces } from './request-frame.ts';
import { createSpanEncoder } from './span.ts';

/** What all items have. */
export interface Scoped {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

export interface ItemFormat<Item extends Scoped> {
  readonly encoder: ItemEncoder<Item>;
  /** Whether an item tells of an error; such items outlive the others when space runs out. */
  readonly isError: (item: Item) => boolean;
  /** Puts a protobuf request around encoded items. */
  readonly frame: typeof frameTraces;
  /** Of that request. */
  readonly schema: Schema;
}

export const SPAN_FORMAT: ItemFormat<ReadableSpan> = {
  encoder: createSpanEncoder(currentRedactor),
  isError: ({ status }) => status.code === SpanStatusCode.ERROR,
  frame: frameTraces,
  schema: TRACES_REQUEST,
};

export const LOG_RECORD_FORMAT: ItemFormat<ReadableLogRecord> = {
  encoder: createLogRecordEncoder(currentRedactor),
  isError: ({ severityNumber = SeverityNumber.UNSPECIFIED }) => severityNumber >= SeverityNumber.ERROR,
  frame: frameLogs,
  schema: LOGS_REQUEST,
};
