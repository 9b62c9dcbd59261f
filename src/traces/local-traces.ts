/**
 * Decides about the spans of a local root together: all or none, as soon as that is known.
 *
 * A local root is a span without a recorded parent in this process. What is known at once is not held: a trace that is in
 * the ratio is kept from its start, and one with an error, or that is slow already, from that moment on. Each span knows
 * its local root, so one that ends late follows the decision whenever that was. What is held of a span, the span or its
 * bytes, is the caller's business.
 * Layer: traces. Loaded when something decides about whole traces.
 */
import { type Context, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import type { TailPolicy } from '../config/config.ts';
import { type Clock, monotonicMillis } from '../core/clock.ts';
import { guard } from '../core/guard.ts';
import { loopTimer, type Timer } from '../delivery/timer.ts';
import { SpanNotes } from './span-notes.ts';
import type { EarlyReason } from './tail-stats.ts';
import { createTraceRatio } from './trace-ratio.ts';

/** Most that is held. */
export interface HoldLimits {
  /** Local roots. */
  readonly maxTraces: number;
  readonly maxSpans: number;
  /** As the caller counts them. */
  readonly maxBytes: number;
}

export type Verdict = 'keep' | 'drop';

export interface LocalTracesInput<Item> {
  readonly policy: TailPolicy;
  readonly limits: HoldLimits;
  /** Called with what was held, in the order in which it came, when it is decided. Must not throw. */
  readonly settle: (item: Item, verdict: Verdict) => void;
  /** What is known of a local root when it starts, whatever the ratio; `wait` = an error or its duration will tell. */
  readonly begin?: ((root: Span, parentContext: Context) => Verdict | 'wait' | undefined) | undefined;
  /** Called when anything is held, and when nothing is any more. */
  readonly onPending?: (() => void) | undefined;
  /** The last two are replaced in tests. */
  readonly now?: Clock | undefined;
  readonly timer?: Timer | undefined;
}

interface LocalTrace<Item> {
  readonly root: ReadableSpan;
  readonly startedAt: number;
  decision: Verdict | undefined;
  items: Item[];
  bytes: number;
  /** When the first item was held. */
  heldAt: number;
}

export class LocalTraces<Item> {
  readonly #input: LocalTracesInput<Item>;
  readonly #policy: TailPolicy;
  readonly #now: Clock;
  readonly #timer: Timer;
  readonly #isInRatio: (traceId: string) => boolean;
  /** What a local root is that is in no ratio: lost, unless something that is yet to happen may keep it. */
  readonly #undecided: 'drop' | undefined;
  /** On spans the ratio alone does not decide about. */
  readonly #localTraces = new SpanNotes<LocalTrace<Item>>();
  /** Those with held items, in the order in which that began. */
  readonly #holding = new Set<LocalTrace<Item>>();
  #heldItems = 0;
  #heldBytes = 0;
  readonly #early: Record<EarlyReason, number> = { wait: 0, traces: 0, spans: 0, bytes: 0, flush: 0 };
  #cancelTimer: (() => void) | undefined;

  constructor(input: LocalTracesInput<Item>) {
    const { policy, now, timer } = input;
    this.#input = input;
    // Whoever is that old is slow, which is known then.
    this.#policy = { ...policy, waitMillis: Math.max(policy.waitMillis, policy.slowMillis ?? 0) };
    this.#undecided = policy.keepsErrors || policy.slowMillis !== undefined ? undefined : 'drop';
    this.#now = now ?? monotonicMillis;
    this.#timer = timer ?? loopTimer;
    this.#isInRatio = createTraceRatio(policy.ratio);
  }

  get heldItems(): number {
    return this.#heldItems;
  }

  /** Local roots that were decided before they ended. */
  get earlyDecisions(): Readonly<Record<EarlyReason, number>> {
    return { ...this.#early };
  }

  /** To be told of every span that starts. */
  started(span: Span, parentContext: Context): void {
    const { traceId, traceFlags } = span.spanContext();
    if ((traceFlags & TraceFlags.SAMPLED) === 0) return;
    const parent = trace.getSpan(parentContext);
    const known = parent && this.#localTraces.get(parent);
    if (known !== undefined) {
      this.#localTraces.set(span, known);
      return;
    }
    const isInRatio = this.#isInRatio(traceId);
    if (isInRatio && parent !== undefined && parent.spanContext().isRemote !== true) return;
    const given = this.#input.begin?.(span, parentContext);
    if (isInRatio && (given ?? 'keep') === 'keep') return;
    const decision = given === undefined || given === 'wait' ? this.#undecided : given;
    this.#localTraces.set(span, { root: span, startedAt: this.#now(), decision, items: [], bytes: 0, heldAt: 0 });
  }

  /**
   * What is to become of a span that has ended; `wait` = it is to be held.
   *
   * `undefined` = it was never seen to start, and the ratio leaves it out. May settle what was held.
   */
  ended(span: ReadableSpan): Verdict | 'wait' | undefined {
    const localTrace = this.#localTraces.get(span);
    if (localTrace === undefined) return this.#isInRatio(span.spanContext().traceId) ? 'keep' : undefined;
    if (localTrace.decision === undefined) {
      if (this.#isKept(localTrace, span)) this.#decide(localTrace, 'keep');
      else if (span === localTrace.root) this.#decide(localTrace, 'drop');
    }
    return localTrace.decision ?? 'wait';
  }

  /** Holds what stands for a span that has to wait. May settle older ones, to make room. */
  hold(span: ReadableSpan, item: Item, bytes: number): void {
    const localTrace = this.#localTraces.get(span);
    if (localTrace === undefined) return;
    if (localTrace.items.length === 0) {
      localTrace.heldAt = this.#now();
      this.#holding.add(localTrace);
      this.#cancelTimer ??= this.#timer(this.#decideOld, this.#policy.waitMillis);
    }
    localTrace.items.push(item);
    localTrace.bytes += bytes;
    this.#heldItems += 1;
    this.#heldBytes += bytes;
    if (this.#heldItems === 1) this.#tellPending();
    for (let reason = this.#exceeded(); reason !== undefined; reason = this.#exceeded()) this.#makeRoom(reason);
  }

  /** Decides about everything that is held, by what is known. */
  decideAll(): void {
    for (const localTrace of this.#holding) this.#decideEarly(localTrace, 'flush');
  }

  /** Whether `span`, which has ended, is a reason to keep all. */
  #isKept(localTrace: LocalTrace<Item>, span: ReadableSpan): boolean {
    const { keepsErrors, slowMillis = Infinity } = this.#policy;
    if (keepsErrors && span.status.code === SpanStatusCode.ERROR) return true;
    if (span === localTrace.root) return hrTimeToMilliseconds(span.duration) >= slowMillis;
    return this.#isSlow(localTrace);
  }

  #isSlow({ startedAt }: LocalTrace<Item>): boolean {
    const { slowMillis } = this.#policy;
    return slowMillis !== undefined && this.#now() - startedAt >= slowMillis;
  }

  #exceeded(): EarlyReason | undefined {
    const { maxTraces, maxSpans, maxBytes } = this.#input.limits;
    if (this.#holding.size > maxTraces) return 'traces';
    if (this.#heldItems > maxSpans) return 'spans';
    return this.#heldBytes > maxBytes ? 'bytes' : undefined;
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

  #decideEarly(localTrace: LocalTrace<Item>, reason: EarlyReason): void {
    this.#early[reason] += 1;
    this.#decide(localTrace, this.#isSlow(localTrace) ? 'keep' : 'drop');
  }

  #decide(localTrace: LocalTrace<Item>, decision: Verdict): void {
    localTrace.decision = decision;
    const { items, bytes } = localTrace;
    if (items.length === 0) return;
    localTrace.items = [];
    this.#holding.delete(localTrace);
    this.#heldItems -= items.length;
    this.#heldBytes -= bytes;
    for (const item of items) this.#input.settle(item, decision);
    if (this.#holding.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#tellPending();
  }

  #tellPending(): void {
    guard('traces.tail', () => this.#input.onPending?.(), undefined);
  }
}
