/**
 * Sentry's own headers: continues the trace of a caller that knows no other, and tells those that are called.
 *
 * Reads `sentry-trace` and the `sentry-*` members of `baggage`. A parent that another propagator has found stays: the
 * headers then only say what the caller decided about Sentry.
 * Layer: traces. Loaded when it is named, or when there is a DSN. Source: develop.sentry.dev, “Trace Propagation”.
 */
import {
  type Context,
  isSpanContextValid,
  isValidSpanId,
  isValidTraceId,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { SentryConfig } from '../config/config.ts';
import { type SentryCaller, sentryCallerOf, withSentryCaller } from './sentry-caller.ts';
import { createTraceRatio } from './trace-ratio.ts';

const HEADER = 'sentry-trace';

/** Trace, span, and whether it is sampled, which may be missing. */
const SENTRY_TRACE = /^([0-9a-f]{32})-([0-9a-f]{16})(?:-([01]?))?$/i;

/** More than this is no header of Sentry: bounds what a stranger can make this process read. Source: W3C Baggage §3.3.2. */
const MAX_BAGGAGE_LENGTH = 8192;
const MAX_MEMBERS = 64;
const PREFIX = 'sentry-';

/** `incoming` = what is called hears nothing of Sentry. */
export type SentryDirection = 'incoming' | 'both';

export class SentryTracePropagator implements TextMapPropagator {
  readonly #direction: SentryDirection;
  readonly #organization: string | undefined;
  readonly #isInShare: (traceId: string) => boolean;

  /** @param config - the own project; `undefined` = none, so that nothing is ever Sentry's */
  constructor(direction: SentryDirection, config: Pick<SentryConfig, 'dsn' | 'tracesSampleRate'> | undefined) {
    this.#direction = direction;
    this.#organization = config && /^o(\d+)\./.exec(config.dsn.host)?.[1];
    this.#isInShare = createTraceRatio(config?.tracesSampleRate ?? 0);
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (this.#direction === 'incoming' || isTracingSuppressed(context)) return;
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    const { traceId, spanId, traceFlags } = span;
    const isSampled =
      (traceFlags & TraceFlags.SAMPLED) !== 0 &&
      (sentryCallerOf(context, traceId)?.isSampled ?? this.#isInShare(traceId));
    setter.set(carrier, HEADER, `${traceId}-${spanId}-${isSampled ? 1 : 0}`);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const parts = SENTRY_TRACE.exec(textOf(getter.get(carrier, HEADER)).trim());
    if (parts === null) return context;
    const [traceId, spanId, flag] = [(parts[1] as string).toLowerCase(), (parts[2] as string).toLowerCase(), parts[3]];
    if (!isValidTraceId(traceId) || !isValidSpanId(spanId)) return context;
    const baggage = readBaggage(getter.get(carrier, 'baggage'));
    if (this.#isForeign(baggage)) return context;
    const isSampled = flag === '1' ? true : flag === '0' ? false : undefined;
    const found = trace.getSpanContext(context);
    if (found?.isRemote === true)
      return withSentryCaller(context, { traceId, isSampled, baggage, undecided: undefined });
    const traceFlags = isSampled === true ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const parent: SpanContext = { traceId, spanId, traceFlags, isRemote: true };
    const caller: SentryCaller = { traceId, isSampled, baggage, undecided: isSampled === true ? undefined : parent };
    return withSentryCaller(trace.setSpanContext(context, parent), caller);
  }

  fields(): string[] {
    return this.#direction === 'incoming' ? [] : [HEADER];
  }

  /** Traces of other organizations are not continued, where both sides are known. */
  #isForeign({ org_id: theirs }: SentryCaller['baggage']): boolean {
    return theirs !== undefined && this.#organization !== undefined && theirs !== this.#organization;
  }
}

function textOf(value: string | string[] | undefined): string {
  const text: unknown = Array.isArray(value) ? value[0] : value;
  // Longer ones are not looked at: trimming takes time too.
  return typeof text === 'string' && text.length <= 256 ? text : '';
}

/** Members of Sentry, decoded; those that cannot be are left out. */
function readBaggage(value: string | string[] | undefined): Readonly<Record<string, string>> {
  const text: unknown = Array.isArray(value) ? value.join(',') : value;
  if (typeof text !== 'string' || text.length > MAX_BAGGAGE_LENGTH) return {};
  const members: [string, string][] = [];
  for (const member of text.split(',', MAX_MEMBERS)) {
    const at = member.indexOf('=');
    const key = at < 0 ? '' : member.slice(0, at).trim();
    const decoded = key.startsWith(PREFIX) ? decode(member.slice(at + 1).trim()) : undefined;
    if (decoded !== undefined) members.push([key.slice(PREFIX.length), decoded]);
  }
  return Object.fromEntries(members);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
