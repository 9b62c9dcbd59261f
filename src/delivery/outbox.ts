/**
 * Where a sender gets its requests from: the cursor of a log, or the metric snapshots that wait.
 *
 * Layer: delivery.
 */
import type { Room } from './lane.ts';

/** Body of a request. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** What one request carries, in the hands of whoever took it. */
export interface Parcel {
  readonly items: number;
  /** As the ledger counts them: encoded, without what frames them. */
  readonly bytes: number;
  /** Whether what waits, or was taken since, says the same and more. */
  readonly isSuperseded: boolean;
  /** The request's body; the same each time. */
  body(): Body;
  /** The same as two, in place of this one, the first with `items` items; `undefined` when that is not possible. */
  split(items: number): readonly [Parcel, Parcel] | undefined;
  /** Says that it is settled, and its memory may be used again. */
  release(): void;
}

/** What waits for one destination. */
export interface Outbox {
  readonly waitingItems: number;
  /** Settles when requests can be complete; `undefined` when they are. */
  readonly ready: Promise<void> | undefined;
  /** Hands out the next request; `undefined` when nothing waits. */
  take(room: Room): Parcel | undefined;
}
