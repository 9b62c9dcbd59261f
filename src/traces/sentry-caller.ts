/**
 * What a caller in another process said about Sentry's part of a trace; travels in the context.
 *
 * It is about no other destination, so it is not the sampled flag of the span context.
 * Layer: traces.
 */
import { type Context, createContextKey, type SpanContext, trace } from '@opentelemetry/api';

/** What the headers `sentry-trace` and `baggage` of a caller say. */
export interface SentryCaller {
  /** The trace it is about; another propagator may have found another one. */
  readonly traceId: string;
  /** Whether the caller's part of the trace is sent to Sentry; `undefined` = it left that to others. */
  readonly isSampled: boolean | undefined;
  /** `sentry-*` members of its baggage without that prefix; empty if there were none. */
  readonly baggage: Readonly<Record<string, string>>;
  /** The parent, if it is known from these headers alone and they do not ask for the trace to be sampled. */
  readonly undecided: SpanContext | undefined;
}

const KEY = createContextKey('duotel.sentry-caller');

/** What the caller said about this trace, if the context was extracted from its headers. */
export function sentryCallerOf(context: Context, traceId: string): SentryCaller | undefined {
  const caller = context.getValue(KEY) as SentryCaller | undefined;
  return caller?.traceId === traceId ? caller : undefined;
}

export function withSentryCaller(context: Context, caller: SentryCaller): Context {
  return context.setValue(KEY, caller);
}

/** Whether the parent in the context is one whose caller decided about Sentry at most, not about the trace. */
export function isUndecided(context: Context): boolean {
  const caller = context.getValue(KEY) as SentryCaller | undefined;
  return caller?.undecided !== undefined && caller.undecided === trace.getSpanContext(context);
}
