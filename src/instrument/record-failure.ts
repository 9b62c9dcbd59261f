/**
 * A failure on the span of the request it broke.
 *
 * Layer: instrument.
 */
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { describeCause } from '../core/guard.ts';

/** Adds an exception event and the status; any value may have been thrown. */
export function recordFailure(span: Span, failure: unknown): void {
  const message = describeCause(failure);
  span.recordException(failure instanceof Error ? failure : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
