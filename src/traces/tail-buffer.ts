/**
 * Holds the spans of a local root until it ends, then keeps all or none, for every destination alike.
 *
 * A local root is a span without a recorded parent in this process. What is known at once is not held: a trace that is in
 * the ratio is kept from its start, and one with an error, or that is slow already, from that moment on. Each span knows
 * its local root, so one that ends late follows the decision whenever that was.
 * Layer: traces. Loaded when tail sampling is configured.
 */
import { type Context, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { TailPolicy } from '../config/config.ts';
import { type Clock, monotonicMillis } from '../core/clock.ts';
import { guard } from '../core/guard.ts';
import { loopTimer, type Timer } from '../delivery/timer.ts';
import { estimateBytes } from './span-size.ts';
import { createTraceRatio } from './trace-ratio.ts';
import type { EarlyReason, TailStats } from './tail-stats.ts';

/** Most that is held. */
export interface TailLimits {
  /** Local roots. */
  readonly maxTraces: number;
  readonly maxSpans: number;
  /** As `span-size.ts` estimates them. */
  readonly maxBytes: number;
}

export const TAIL_LIMITS: TailLimits = { maxTraces: 10_000, maxSpans: 20_000, maxBytes: 32 * 2 ** 20 };

export interface TailBufferInput {
  readonly policy: TailPolicy;
  /** Get the spans that are kept. */
  readonly next: readonly SpanProcessor[];
  /** Called when anything is held, and when nothing is any more. */
  readonly onPending?: (() => void) | undefined;
  /** The last three are replaced in tests. */
  readonly limits?: TailLimits;
  readonly now?: Clock;
  readonly timer?: Timer;
}

interface LocalTrace {
  readonly root: ReadableSpan;
  readonly startedAt: number;
  decision: 'keep' | 'drop' | undefined;
  spans: ReadableSpan[];
  bytes: number;
  /** When the first span was held. */
  heldAt: number;
}

export class TailBuffer implements SpanProcessor {
  readonly #policy: TailPolicy;
  readonly #next: readonly SpanProcessor[];
  readonly #onPending: (() => void) | undefined;
  readonly #limits: TailLimits;
  readonly #now: Clock;
  readonly #timer: Timer;
  readonly #isInRatio: (traceId: string) => boolean;
  readonly #localTraces = new WeakMap<object, LocalTrace>();
  /** Those with held spans, in the order in which that began. */
  readonly #holding = new Set<LocalTrace>();
  #heldSpans = 0;
  #heldBytes = 0;
  #keptSpans = 0;
  #droppedSpans = 0;
  readonly #early: Record<EarlyReason, number> = { wait: 0, traces: 0, spans: 0, bytes: 0, flush: 0 };
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor({ policy, next, onPending, limits, now, timer }: TailBufferInput) {
    // Whoever is that old is slow, which is known then.
    this.#policy = { ...policy, waitMillis: Math.max(policy.waitMillis, policy.slowMillis ?? 0) };
    this.#next = next;
    this.#onPending = onPending;
    this.#limits = limits ?? TAIL_LIMITS;
    this.#now = now ?? monotonicMillis;
    this.#timer = timer ?? loopTimer;
    this.#isInRatio = createTraceRatio(policy.ratio);
  }

  get heldSpans(): number {
    return this.#heldSpans;
  }

  stats(): TailStats {
    return {
      keptSpans: this.#keptSpans,
      droppedSpans: this.#droppedSpans,
      heldSpans: this.#heldSpans,
      earlyDecisions: { ...this.#early },
    };
  }

  onStart(span: Span, parentContext: Context): void {
    for (const processor of this.#next) processor.onStart(span, parentContext);
    if (!isSampled(span)) return;
    const parent = trace.getSpan(parentContext);
    const known = parent && this.#localTraces.get(parent);
    this.#localTraces.set(span, known ?? this.#begin(span));
  }

  onEnd(span: ReadableSpan): void {
    const localTrace = this.#localTraces.get(span);
    if (localTrace === undefined || this.#isClosed) return this.#pass(span);
    if (localTrace.decision === undefined) {
      if (this.#isKept(localTrace, span)) this.#decide(localTrace, 'keep');
      else if (span === localTrace.root) this.#decide(localTrace, 'drop');
    }
    if (localTrace.decision === undefined) this.#hold(localTrace, span);
    else this.#settle(span, localTrace.decision);
  }

  /** Decides about everything that is held, by what is known. */
  decideAll(): void {
    for (const localTrace of this.#holding) this.#decideEarly(localTrace, 'flush');
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

  #begin(root: Span): LocalTrace {
    const decision = this.#isInRatio(root.spanContext().traceId) ? 'keep' : undefined;
    return { root, startedAt: this.#now(), decision, spans: [], bytes: 0, heldAt: 0 };
  }

  /** Whether `span`, which has ended, is a reason to keep all. */
  #isKept(localTrace: LocalTrace, span: ReadableSpan): boolean {
    const { keepsErrors, slowMillis = Infinity } = this.#policy;
    if (keepsErrors && span.status.code === SpanStatusCode.ERROR) return true;
    if (span === localTrace.root) return hrTimeToMilliseconds(span.duration) >= slowMillis;
    return this.#isSlow(localTrace);
  }

  #isSlow({ startedAt }: LocalTrace): boolean {
    return this.#now() - startedAt >= (this.#policy.slowMillis ?? Infinity);
  }

  #hold(localTrace: LocalTrace, span: ReadableSpan): void {
    const bytes = estimateBytes(span);
    if (localTrace.spans.length === 0) {
      localTrace.heldAt = this.#now();
      this.#holding.add(localTrace);
      this.#cancelTimer ??= this.#timer(this.#decideOld, this.#policy.waitMillis);
    }
    localTrace.spans.push(span);
    localTrace.bytes += bytes;
    this.#heldSpans += 1;
    this.#heldBytes += bytes;
    if (this.#heldSpans === 1) this.#tellPending();
    for (let reason = this.#exceeded(); reason !== undefined; reason = this.#exceeded()) this.#makeRoom(reason);
  }

  #exceeded(): EarlyReason | undefined {
    if (this.#holding.size > this.#limits.maxTraces) return 'traces';
    if (this.#heldSpans > this.#limits.maxSpans) return 'spans';
    return this.#heldBytes > this.#limits.maxBytes ? 'bytes' : undefined;
  }

  #makeRoom(reason: EarlyReason): void {
    const [oldest] = this.#holding;
    if (oldest !== undefined) this.#decideEarly(oldest, reason);
  }

  readonly #decideOld = (): void => {
    this.#cancelTimer = undefined;
    const now = this.#now();
    for (const localTrace of this.#holding) {
      const leftMillis = localTrace.heldAt + this.#policy.waitMillis - now;
      if (leftMillis > 0) {
        this.#cancelTimer = this.#timer(this.#decideOld, leftMillis);
        return;
      }
      this.#decideEarly(localTrace, 'wait');
    }
  };

  #decideEarly(localTrace: LocalTrace, reason: EarlyReason): void {
    this.#early[reason] += 1;
    this.#decide(localTrace, this.#isSlow(localTrace) ? 'keep' : 'drop');
  }

  #decide(localTrace: LocalTrace, decision: 'keep' | 'drop'): void {
    localTrace.decision = decision;
    const { spans, bytes } = localTrace;
    if (spans.length === 0) return;
    localTrace.spans = [];
    this.#holding.delete(localTrace);
    this.#heldSpans -= spans.length;
    this.#heldBytes -= bytes;
    for (const span of spans) this.#settle(span, decision);
    if (this.#holding.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#tellPending();
  }

  #settle(span: ReadableSpan, decision: 'keep' | 'drop'): void {
    if (decision === 'drop') this.#droppedSpans += 1;
    else {
      this.#keptSpans += 1;
      this.#pass(span);
    }
  }

  #pass(span: ReadableSpan): void {
    for (const processor of this.#next) processor.onEnd(span);
  }

  #tellPending(): void {
    guard('traces.tail', () => this.#onPending?.(), undefined);
  }
}

function isSampled(span: Span): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}
