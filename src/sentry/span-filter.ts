/**
 * Which spans are for Sentry: a share of the traces, and those with an error, each as a whole as far as this process
 * saw it.
 *
 * Spans of a local root that may yet fail are held as the bytes the other destinations got; docs/decisions/0015-sentry-spans.md.
 * Layer: sentry. Loaded with the first span when there is a DSN.
 */
import { type Context, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Timer } from '../delivery/timer.ts';
import type { SettleHeld } from '../outputs/item-processor.ts';
import type { HeldItem, ItemFilter } from '../outputs/item-stream.ts';
import { type HoldLimits, LocalTraces } from '../traces/local-traces.ts';
import { createRootDecision } from './root-decision.ts';

/** Most that is held undecided. Source of the bytes: DESIGN §2. */
export const SENTRY_HOLD_LIMITS: HoldLimits = { maxTraces: 10_000, maxSpans: 20_000, maxBytes: 4 * 2 ** 20 };

/** Longest time a span is held, in milliseconds: memory is bounded anyway, and jobs fail at their end. */
export const SENTRY_HOLD_MILLIS = 600_000;

/** What a held span costs beside its bytes. */
const HELD_OVERHEAD_BYTES = 200;

export interface SentrySpanFilterInput {
  readonly config: Pick<SentryConfig, 'tracesSampleRate' | 'errorTraces' | 'rules'>;
  readonly settle: SettleHeld;
  /** Replaced in tests. */
  readonly limits?: HoldLimits | undefined;
  readonly now?: Clock | undefined;
  readonly timer?: Timer | undefined;
}

export class SentrySpanFilter implements ItemFilter<ReadableSpan> {
  readonly #keepsErrors: boolean;
  readonly #localTraces: LocalTraces<HeldItem>;

  constructor({ config, settle, limits = SENTRY_HOLD_LIMITS, now, timer }: SentrySpanFilterInput) {
    const { tracesSampleRate: ratio, errorTraces: keepsErrors } = config;
    this.#keepsErrors = keepsErrors;
    this.#localTraces = new LocalTraces({
      policy: { keepsErrors, slowMillis: undefined, ratio, waitMillis: SENTRY_HOLD_MILLIS },
      limits,
      begin: createRootDecision(config),
      settle: (held, verdict) => settle(held, verdict === 'keep'),
      now,
      timer,
    });
  }

  /** To be told of every span that starts. */
  started(span: Span, parentContext: Context): void {
    this.#localTraces.started(span, parentContext);
  }

  isFor(span: ReadableSpan): boolean | undefined {
    const verdict = this.#localTraces.ended(span);
    if (verdict === 'wait') return undefined;
    // What was never seen to start is alone.
    return verdict === undefined ? this.#keepsErrors && span.status.code === SpanStatusCode.ERROR : verdict === 'keep';
  }

  hold(span: ReadableSpan, held: HeldItem): void {
    this.#localTraces.hold(span, held, held.bytes.length + HELD_OVERHEAD_BYTES);
  }

  /** Ends all waiting: what did not fail until now was not for Sentry. */
  decideAll(): void {
    this.#localTraces.decideAll();
  }
}
