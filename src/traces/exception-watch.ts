/**
 * Tells one listener of every exception that is recorded on a span, sampled or not.
 *
 * Instrumentations of frameworks hand errors to spans and to nobody else.
 * Layer: traces.
 */
import type { Span } from '@opentelemetry/api';

/** Gets the error as it was handed over. Must not throw. */
export type ExceptionWatcher = (span: Span, exception: unknown) => void;

let watcher: ExceptionWatcher | undefined;

/** Replaces the listener. */
export function watchExceptions(listener: ExceptionWatcher | undefined): void {
  watcher = listener;
}

/** Called by the spans. */
export function announceException(span: Span, exception: unknown): void {
  watcher?.(span, exception);
}
