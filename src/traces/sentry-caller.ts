/**
 * What a caller in another process decided about Sentry's share of a trace; travels in the context.
 *
 * It says nothing about any other destination, so it is not the sampled flag of the span context.
 * Layer: traces.
 */
import { type Context, createContextKey } from '@opentelemetry/api';

/** What a caller told about a trace it sends to Sentry. */
export interface SentryCaller {
  /** Whether the caller's part of the trace is sent to Sentry; `undefined` = it left that to others. */
  readonly isSampled: boolean | undefined;
  /** `sentry-*` members of its baggage without that prefix, as they stand; empty if there were none. */
  readonly baggage: Readonly<Record<string, string>>;
}

const KEY = createContextKey('duotel.sentry-caller');

/** What the caller told, if this context was extracted from a carrier with its headers. */
export function sentryCallerOf(context: Context): SentryCaller | undefined {
  return context.getValue(KEY) as SentryCaller | undefined;
}

export function withSentryCaller(context: Context, caller: SentryCaller): Context {
  return context.setValue(KEY, caller);
}
