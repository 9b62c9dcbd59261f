/**
 * Log records as Sentry's logs, at their level, on the trace they were written in.
 *
 * Layer: sentry. Loaded with the first record that is sent. Source: develop.sentry.dev, “Logs”.
 */
import type { SpanContext } from '@opentelemetry/api';
import { redactJson } from '../encode/redact-json.ts';
import type { ItemBatch } from './item-batch.ts';
import { SEVERITIES, type SentryLogLevel } from './log-levels.ts';
import type { Surroundings } from './surroundings.ts';
import { asText, cutText, MAX_TEXT_LENGTH, typedAttributes } from './typed-attributes.ts';

export interface SentryLogEntry {
  readonly level: SentryLogLevel;
  /** Default: that of the level. */
  readonly severityNumber?: number | undefined;
  readonly message: unknown;
  readonly attributes?: object | undefined;
  /** Default: now. */
  readonly seconds?: number | undefined;
  /** Default: the span in progress. */
  readonly span?: SpanContext | undefined;
}

export function addLog(batch: ItemBatch, around: Surroundings, entry: SentryLogEntry): void {
  const { level, severityNumber = SEVERITIES[level], message, attributes = {}, seconds, span } = entry;
  const { traceId, spanId } = around.trace(span);
  batch.add({
    timestamp: seconds ?? around.seconds(),
    trace_id: traceId,
    level,
    severity_number: severityNumber,
    body: bodyOf(message),
    attributes: {
      ...typedAttributes({ ...around.attributes, 'sentry.trace.parent_span_id': spanId }),
      ...typedAttributes(redactJson(attributes)),
    },
  });
}

function bodyOf(message: unknown): string {
  const body: unknown = redactJson(message, { maxTextLength: MAX_TEXT_LENGTH });
  return cutText(typeof body === 'string' ? body : asText(body)).toWellFormed();
}
