/**
 * Who gets the captured errors, beside span, log record and counter.
 *
 * Layer: errors. The list is loaded at start; what fills in a captured error is loaded with the first one.
 */
import { guard } from '../core/guard.ts';
import { keepBreadcrumbs } from '../request/breadcrumbs.ts';
import type { CapturedError, ErrorSink } from './captured-error.ts';

const sinks = new Set<ErrorSink>();

/** Registers a sink; the returned function takes it away. From now on breadcrumbs are kept. */
export function addErrorSink(sink: ErrorSink): () => void {
  sinks.add(sink);
  keepBreadcrumbs(true);
  return () => {
    sinks.delete(sink);
    keepBreadcrumbs(sinks.size > 0);
  };
}

/** Hands an error to every sink. */
export function sendToSinks(captured: CapturedError): void {
  for (const sink of sinks) guard('errors.sink', () => sink(captured), undefined);
}
