/**
 * When one destination is tried again, and with how much.
 *
 * Delays grow with each failure in a row, and a destination that asks for more gets more. After a few failures, or one
 * that will not mend itself, the breaker is open: the next tries are probes, small enough that it costs little to send
 * them in vain or twice. One that is accepted closes it again.
 * Layer: delivery.
 */
import type { Clock } from '../core/clock.ts';
import {
  type Backoff,
  boundedRetryAfter,
  createBackoff,
  FIRST_DELAY_MILLIS,
  FIRST_DRAIN_DELAY_MILLIS,
} from './retry.ts';

/** Failures in a row that open the breaker. */
const MAX_FAILURES = 3;

/** Most items of a probe. */
const PROBE_ITEMS = 16;

/** A try that failed. */
export interface Failure {
  /** Trying again soon cannot help. */
  readonly isHopeless: boolean;
  /** The delay the destination asked for, in milliseconds. */
  readonly retryAfterMillis: number | undefined;
  /** Somebody waits for the end of a drain, so there is no time for long delays. */
  readonly isDraining: boolean;
}

/** What follows from it. */
export interface Delay {
  /** Until the next try. */
  readonly millis: number;
  /** The part of it the destination asked for. */
  readonly askedMillis: number;
}

export class Pace {
  readonly #now: Clock;
  readonly #random: () => number;
  readonly #backoff: Backoff;
  #drainBackoff: Backoff;
  #failures = 0;
  /** No try before this monotonic time. */
  #askedUntil = -Infinity;

  constructor({ now, random }: { readonly now: Clock; readonly random: () => number }) {
    this.#now = now;
    this.#random = random;
    this.#backoff = createBackoff(FIRST_DELAY_MILLIS, random);
    this.#drainBackoff = this.#backoff;
  }

  /** Most items of the next request that are worth the try. */
  get maxItems(): number {
    return this.#failures >= MAX_FAILURES ? PROBE_ITEMS : Infinity;
  }

  /** How long the destination still wants to be left alone, in milliseconds; 0 or less if it does not. */
  get askedMillis(): number {
    return this.#askedUntil - this.#now();
  }

  drainBegins(): void {
    this.#drainBackoff = createBackoff(FIRST_DRAIN_DELAY_MILLIS, this.#random);
  }

  accepted(): void {
    this.#failures = 0;
    this.#backoff.reset();
  }

  failed({ isHopeless, retryAfterMillis, isDraining }: Failure): Delay {
    this.#failures = isHopeless ? MAX_FAILURES : this.#failures + 1;
    const ownMillis = (isDraining ? this.#drainBackoff : this.#backoff).nextMillis();
    const askedMillis = retryAfterMillis === undefined ? 0 : boundedRetryAfter(retryAfterMillis);
    this.#askedUntil = this.#now() + askedMillis;
    return { millis: Math.max(ownMillis, askedMillis), askedMillis };
  }
}
