/**
 * Metric snapshots that wait for one destination.
 *
 * A cumulative snapshot says all that the ones before it said, so only the newest waits. Deltas add up, so all of them
 * do, as far as the memory goes. A large snapshot is sent as several requests.
 * Layer: delivery.
 */
import { type FrameItems, ItemParcel } from './item-parcel.ts';
import { bytesOf, itemsOf, type Lane, piecesOf, type Room, type Run } from './lane.ts';
import type { Outbox } from './outbox.ts';

/** Whose snapshots they are. */
export interface SnapshotOwner {
  /** Snapshots are cumulative; a destination that refuses deltas gets cumulative ones from then on. */
  readonly isSuperseding: boolean;
  /** Most bytes of deltas that wait; the newest snapshot is kept whatever its size. */
  readonly limitBytes: number;
  readonly frame: FrameItems;
  /** Settles when requests can be framed; `undefined` when they can be. */
  readonly ready: Promise<void> | undefined;
  /** What counts as the bytes of a request: these points, and what frames these groups. */
  requestBytes(pointBytes: number, groups: ReadonlySet<object>): number;
  /** Told when a newer snapshot replaced what waits. */
  superseded(items: number, bytes: number): void;
  /** Told when the space was needed. */
  overrun(items: number, bytes: number): void;
}

/** A snapshot and the number of its first point that was not taken. */
interface Waiting {
  readonly points: Lane;
  next: number;
}

export class SnapshotQueue implements Outbox {
  readonly #owner: SnapshotOwner;
  readonly #waiting: Waiting[] = [];
  #newest: Lane | undefined;

  constructor(owner: SnapshotOwner) {
    this.#owner = owner;
  }

  get waitingItems(): number {
    return this.#waiting.reduce((sum, { points, next }) => sum + points.end - next, 0);
  }

  get ready(): Promise<void> | undefined {
    return this.#owner.ready;
  }

  /** @param points - all of one snapshot, at least one; other queues may read the same */
  put(points: Lane): void {
    const { isSuperseding, limitBytes } = this.#owner;
    if (isSuperseding) while (this.#waiting.length > 0) this.#drop('superseded');
    this.#waiting.push({ points, next: 0 });
    this.#newest = points;
    while (this.#waiting.length > 1 && this.#bytes() > limitBytes) this.#drop('overrun');
  }

  /** Takes points of the oldest snapshot, as many as make a request there is room for. */
  take(room: Room): ItemParcel | undefined {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return undefined;
    const { points } = oldest;
    const runs = this.#read(oldest, room);
    oldest.next += itemsOf(runs);
    if (oldest.next === points.end) this.#waiting.shift();
    return new ItemParcel(runs, this.#owner.frame, () => this.#owner.isSuperseding && points !== this.#newest);
  }

  #read({ points, next }: Waiting, room: Room): readonly Run[] {
    let { bytes } = room;
    for (;;) {
      const runs = points.read(next, { items: room.items, bytes });
      if (itemsOf(runs) <= 1) return points.read(next, { items: 1, bytes: Infinity });
      const pointBytes = bytesOf(runs);
      const requestBytes = this.#owner.requestBytes(pointBytes, groupsOf(runs));
      if (requestBytes <= room.bytes) return runs;
      // Less than before, so that this comes to an end.
      bytes = Math.floor((pointBytes * room.bytes) / requestBytes);
    }
  }

  #drop(event: 'superseded' | 'overrun'): void {
    const oldest = this.#waiting.shift();
    if (oldest !== undefined) this.#owner[event](oldest.points.end - oldest.next, bytesLeft(oldest));
  }

  #bytes(): number {
    return this.#waiting.reduce((sum, each) => sum + bytesLeft(each), 0);
  }
}

function bytesLeft({ points, next }: Waiting): number {
  return points.bytesBetween(next, points.end);
}

function groupsOf(runs: readonly Run[]): ReadonlySet<object> {
  return new Set(runs.flatMap((run) => [...piecesOf(run)].map(([group]) => group)));
}
