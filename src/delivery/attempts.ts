/**
 * Parcels that left the outbox of a destination and are not settled: the first one is tried next, or under way.
 *
 * More than one only where a parcel was divided, or put aside for another.
 * Layer: delivery.
 */
import type { Outbox, Parcel } from './outbox.ts';

/** Largest request, in bytes before compression: what a Collector takes without being asked to take more. */
const MAX_REQUEST_BYTES = 4 * 2 ** 20;

/** A parcel and what was done for it. */
export interface Attempt {
  readonly parcel: Parcel;
  /** When it was first tried, in monotonic milliseconds. */
  firstTriedAt: number | undefined;
  /** Time the destination asked to wait, which does not count against the retry budget. */
  askedWaitMillis: number;
}

export class Attempts {
  readonly #outbox: Outbox;
  readonly #list: Attempt[] = [];
  /** A destination that calls a request too large gets smaller ones from then on. */
  #maxBytes = MAX_REQUEST_BYTES;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  get first(): Attempt | undefined {
    return this.#list[0];
  }

  /** Takes a parcel of at most `items` items out of the outbox; says whether there was one. */
  take(items: number): boolean {
    const parcel = this.#outbox.take({ items, bytes: this.#maxBytes });
    if (parcel !== undefined) this.#list.push({ parcel, firstTriedAt: undefined, askedWaitMillis: 0 });
    return parcel !== undefined;
  }

  /** The first one is settled. */
  shift(): void {
    this.#list.shift()?.parcel.release();
  }

  /** Makes the first one several, of which the first has at most `items` items; says whether that is possible. */
  divide(items: number): boolean {
    const { first } = this;
    const parts = first?.parcel.split(items);
    if (first === undefined || parts === undefined) return false;
    this.#list.splice(0, 1, ...parts.map((parcel) => ({ ...first, parcel })));
    return true;
  }

  /** Divides the first one, which the destination calls too large, and makes later ones no larger than its half. */
  halve(): boolean {
    const { parcel } = this.first ?? {};
    if (parcel === undefined || !this.divide(Math.ceil(parcel.items / 2))) return false;
    this.#maxBytes = Math.ceil(parcel.bytes / 2);
    return true;
  }

  /** Lets another one go first, if there is another; a new one of at most `items` items if need be. */
  putAside(items: number): void {
    if (this.#list.length === 1) this.take(items);
    this.#list.push(...this.#list.splice(0, 1));
  }

  /** Takes all out of hand, what waits in the outbox included. */
  *takeAll(items: number): Generator<Parcel> {
    for (;;) {
      if (this.#list.length === 0 && !this.take(items)) return;
      const [attempt] = this.#list.splice(0, 1);
      if (attempt !== undefined) yield attempt.parcel;
    }
  }
}
