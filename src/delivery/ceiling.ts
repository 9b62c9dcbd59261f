/**
 * How much one destination may be sent of one signal in an hour: a bound on what a mistake can cost.
 *
 * Layer: delivery.
 */
import type { Clock } from '../core/clock.ts';

const HOUR_MILLIS = 3_600_000;

export class Ceiling {
  readonly #limitBytes: number;
  readonly #now: Clock;
  #hour = -1;
  #spentBytes = 0;

  /**
   * @param limitBytes - per hour; `undefined` = no bound
   * @param now - milliseconds since the Unix epoch: the hours of all destinations and processes are the same
   */
  constructor(limitBytes: number | undefined, now: Clock) {
    this.#limitBytes = limitBytes ?? Infinity;
    this.#now = now;
  }

  /** Takes `bytes` off what may still be sent in this hour; says whether there was room for them. */
  admit(bytes: number): boolean {
    if (this.#limitBytes === Infinity) return true;
    const hour = Math.floor(this.#now() / HOUR_MILLIS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#spentBytes = 0;
    }
    if (this.#spentBytes + bytes > this.#limitBytes) return false;
    this.#spentBytes += bytes;
    return true;
  }
}
