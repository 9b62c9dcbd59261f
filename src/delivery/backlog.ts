/**
 * Requests that wait for one destination, oldest first, bounded in bytes.
 *
 * Layer: delivery. Stands where a cursor over the signal's log will be.
 */
import type { Outcome } from './sender.ts';

/** One encoded request. */
export interface Parcel {
  readonly body: Uint8Array;
  readonly items: number;
  readonly contentType: string;
  readonly settle: (outcome: Outcome) => void;
  /** When it was first tried, in monotonic milliseconds. */
  firstTriedAt: number | undefined;
  /** Time the destination asked to wait, which does not count against the retry budget. */
  askedWaitMillis: number;
}

/** What a waiting parcel costs beside its body, roughly. */
const OVERHEAD_BYTES = 1024;

function sizeOf(parcel: Parcel): number {
  return parcel.body.length + OVERHEAD_BYTES;
}

export class Backlog {
  readonly #parcels: Parcel[] = [];
  readonly #limitBytes: number;
  #bytes = 0;
  /** The oldest parcel is on its way and cannot be given up. */
  isHeadHeld = false;

  /** @param limitBytes - most bytes that wait; the newest parcel is kept whatever its size */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get head(): Parcel | undefined {
    return this.#parcels[0];
  }

  get items(): number {
    return this.#parcels.reduce((sum, { items }) => sum + items, 0);
  }

  push(parcel: Parcel): void {
    this.#parcels.push(parcel);
    this.#bytes += sizeOf(parcel);
  }

  /** Takes out what has to make room for the newest parcel. */
  takeExcess(): Parcel[] {
    const excess: Parcel[] = [];
    const first = this.isHeadHeld ? 1 : 0;
    while (this.#bytes > this.#limitBytes && this.#parcels.length > first + 1) excess.push(...this.#take(first, 1));
    return excess;
  }

  /** Takes out all parcels that are not on their way. */
  takeWaiting(): Parcel[] {
    return this.#take(this.isHeadHeld ? 1 : 0, this.#parcels.length);
  }

  takeHead(): void {
    this.#take(0, 1);
  }

  takeAll(): Parcel[] {
    return this.#take(0, this.#parcels.length);
  }

  #take(from: number, count: number): Parcel[] {
    const taken = this.#parcels.splice(from, count);
    for (const parcel of taken) this.#bytes -= sizeOf(parcel);
    return taken;
  }
}
