/**
 * How far one destination has read a log.
 *
 * What the cursor has passed is in the hands of its sender, or was dropped; the rest waits in the log. So what waits is
 * arithmetic: the end of a lane minus the position in it. Items that are not for the destination are gaps; a position is
 * never in one, so they hold no memory and are in no count.
 * Layer: delivery.
 */
import { Gaps } from './gaps.ts';
import { type FrameItems, ItemParcel } from './item-parcel.ts';
import { bytesOf, itemsOf, type Lane, type LaneName, type Room, type Run } from './lane.ts';
import type { Outbox } from './outbox.ts';

/** Whoever reads through a cursor. */
export interface CursorOwner {
  readonly frame: FrameItems;
  /** Settles when requests can be framed; `undefined` when they can be. */
  readonly ready: Promise<void> | undefined;
  /** The log needed the space of items this cursor had not read. */
  overrun(items: number, bytes: number): void;
}

/** In the order in which a request takes from them. */
export const LANE_NAMES: readonly LaneName[] = ['errors', 'rest'];

export class Cursor implements Outbox {
  readonly #lanes: Readonly<Record<LaneName, Lane>>;
  readonly #owner: CursorOwner;
  readonly #moved: () => void;
  /** Number of the next item to read. */
  readonly #positions: Record<LaneName, number>;
  /** Only once an item was not for the owner. */
  #gaps: Readonly<Record<LaneName, Gaps>> | undefined;

  /** @param moved - called when items before the cursor may be given back */
  constructor(lanes: Readonly<Record<LaneName, Lane>>, owner: CursorOwner, moved: () => void) {
    this.#lanes = lanes;
    this.#owner = owner;
    this.#moved = moved;
    this.#positions = { errors: lanes.errors.end, rest: lanes.rest.end };
  }

  position(lane: LaneName): number {
    return this.#positions[lane];
  }

  get waitingItems(): number {
    const ahead = this.#lanes.errors.end - this.#positions.errors + this.#lanes.rest.end - this.#positions.rest;
    return this.#gaps === undefined ? ahead : ahead - this.#gaps.errors.size - this.#gaps.rest.size;
  }

  get ready(): Promise<void> | undefined {
    return this.#owner.ready;
  }

  /** Takes what there is room for, errors first; at least one item if any waits. */
  take(room: Room): ItemParcel | undefined {
    if (this.waitingItems === 0) return undefined;
    const runs = this.#read(room);
    if (runs.length === 0) return this.take({ items: 1, bytes: Infinity });
    const parcel = new ItemParcel(runs, this.#owner.frame);
    this.#moved();
    return parcel;
  }

  /** Leaves out the newest item of a lane: it is not for the owner. */
  leaveOut(lane: LaneName): void {
    this.#gaps ??= { errors: new Gaps(), rest: new Gaps() };
    this.#gaps[lane].add(this.#lanes[lane].end - 1);
    this.#moveTo(lane, this.#positions[lane]);
  }

  #read(room: Room): readonly Run[] {
    const taken: Run[] = [];
    let { items, bytes } = room;
    for (const name of LANE_NAMES) {
      const runs = this.#readLane(name, { items, bytes });
      taken.push(...runs);
      items -= itemsOf(runs);
      bytes -= bytesOf(runs);
    }
    return taken;
  }

  #readLane(name: LaneName, room: Room): readonly Run[] {
    const lane = this.#lanes[name];
    const taken: Run[] = [];
    let { items, bytes } = room;
    for (const [from, to] of this.#between(name, lane.end)) {
      const wanted = Math.min(items, to - from);
      const runs = lane.read(from, { items: wanted, bytes });
      const read = itemsOf(runs);
      taken.push(...runs);
      this.#moveTo(name, from + read);
      items -= read;
      bytes -= bytesOf(runs);
      if (items === 0 || read < wanted) break;
    }
    return taken;
  }

  /** Passes everything up to item `number`; what was not read is lost to the owner. */
  moveBeyond(lane: LaneName, number: number): void {
    if (this.#positions[lane] > number) return;
    let [items, bytes] = [0, 0];
    for (const [from, to] of this.#between(lane, number + 1)) {
      items += to - from;
      bytes += this.#lanes[lane].bytesBetween(from, to);
    }
    this.#moveTo(lane, number + 1);
    this.#owner.overrun(items, bytes);
  }

  /** What is for the owner, from its position up to, not including, `to`. */
  #between(lane: LaneName, to: number): Iterable<readonly [from: number, to: number]> {
    const from = this.#positions[lane];
    if (this.#gaps !== undefined) return this.#gaps[lane].between(from, to);
    return from < to ? [[from, to]] : [];
  }

  #moveTo(lane: LaneName, number: number): void {
    this.#positions[lane] = this.#gaps === undefined ? number : this.#gaps[lane].pass(number);
  }
}
