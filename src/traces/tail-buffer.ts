/**
 * Holds the spans of a local root until it ends, then keeps all or none, for every destination alike.
 *
 * Layer: traces. Loaded when tail sampling is configured.
 */
import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { TailPolicy } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Timer } from '../delivery/timer.ts';
import { type HoldLimits, LocalTraces, type Verdict } from './local-traces.ts';
import { estimateBytes } from './span-size.ts';
import type { TailStats } from './tail-stats.ts';

/** Bytes as `span-size.ts` estimates them. */
export const TAIL_LIMITS: HoldLimits = { maxTraces: 10_000, maxSpans: 20_000, maxBytes: 32 * 2 ** 20 };

export interface TailBufferInput {
  readonly policy: TailPolicy;
  /** Get the spans that are kept. */
  readonly next: readonly SpanProcessor[];
  /** Called when anything is held, and when nothing is any more. */
  readonly onPending?: (() => void) | undefined;
  /** The last three are replaced in tests. */
  readonly limits?: HoldLimits;
  readonly now?: Clock;
  readonly timer?: Timer;
}

export class TailBuffer implements SpanProcessor {
  readonly #next: readonly SpanProcessor[];
  readonly #localTraces: LocalTraces<ReadableSpan>;
  #keptSpans = 0;
  #droppedSpans = 0;
  #isClosed = false;

  constructor({ next, limits = TAIL_LIMITS, ...others }: TailBufferInput) {
    this.#next = next;
    this.#localTraces = new LocalTraces({
      ...others,
      limits,
      settle: (span, verdict) => this.#settle(span, verdict),
    });
  }

  get heldSpans(): number {
    return this.#localTraces.heldItems;
  }

  stats(): TailStats {
    return {
      keptSpans: this.#keptSpans,
      droppedSpans: this.#droppedSpans,
      heldSpans: this.heldSpans,
      earlyDecisions: this.#localTraces.earlyDecisions,
    };
  }

  onStart(span: Span, parentContext: Context): void {
    for (const processor of this.#next) processor.onStart(span, parentContext);
    this.#localTraces.started(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    const verdict = this.#isClosed ? undefined : this.#localTraces.ended(span);
    if (verdict === undefined) this.#pass(span);
    else if (verdict === 'wait') this.#localTraces.hold(span, span, estimateBytes(span));
    else this.#settle(span, verdict);
  }

  /** Decides about everything that is held, by what is known. */
  decideAll(): void {
    this.#localTraces.decideAll();
  }

  async forceFlush(): Promise<void> {
    this.decideAll();
    await Promise.all(this.#next.map((processor) => processor.forceFlush()));
  }

  async shutdown(): Promise<void> {
    this.decideAll();
    this.#isClosed = true;
    await Promise.all(this.#next.map((processor) => processor.shutdown()));
  }

  #settle(span: ReadableSpan, verdict: Verdict): void {
    if (verdict === 'drop') this.#droppedSpans += 1;
    else {
      this.#keptSpans += 1;
      this.#pass(span);
    }
  }

  #pass(span: ReadableSpan): void {
    for (const processor of this.#next) processor.onEnd(span);
  }
}
