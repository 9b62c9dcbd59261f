/**
 * Metric snapshots that wait for one destination.
 *
 * A cumulative snapshot says all that the ones before it said, so only the newest waits. Deltas add up, so all of them
 * do, as far as the memory goes.
 * Layer: delivery.
 */
import type { Outbox, Parcel } from './outbox.ts';

/** An encoded snapshot. */
export type Snapshot = Omit<Parcel, 'split'>;

export interface SnapshotQueueInput {
  /** Snapshots are cumulative; a destination that refuses deltas gets cumulative ones from then on. */
  readonly isSuperseding: boolean;
  /** Most bytes of deltas that wait; the newest one is kept whatever its size. */
  readonly limitBytes: number;
  /** Told when a newer snapshot replaced one that waits. */
  superseded(items: number, bytes: number): void;
  /** Told when the space was needed. */
  overrun(items: number, bytes: number): void;
}

export class SnapshotQueue implements Outbox {
  readonly ready: undefined;
  readonly #input: SnapshotQueueInput;
  readonly #waiting: Parcel[] = [];

  constructor(input: SnapshotQueueInput) {
    this.#input = input;
  }

  get isSuperseding(): boolean {
    return this.#input.isSuperseding;
  }

  get waitingItems(): number {
    return this.#waiting.reduce((sum, { items }) => sum + items, 0);
  }

  put(snapshot: Snapshot): void {
    if (this.isSuperseding) {
      for (const older of this.#waiting.splice(0)) this.#input.superseded(older.items, older.bytes);
    }
    this.#waiting.push({ ...snapshot, split: () => undefined });
    while (this.#waiting.length > 1 && this.#bytes() > this.#input.limitBytes) {
      const oldest = this.#waiting.shift() as Parcel;
      this.#input.overrun(oldest.items, oldest.bytes);
    }
  }

  take(): Parcel | undefined {
    return this.#waiting.shift();
  }

  #bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
