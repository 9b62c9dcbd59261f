/**
 * How far one destination has read a log.
 *
 * What the cursor has passed is in the hands of its sender, or was dropped; the rest waits in the log. So what waits is
 * arithmetic: the end of a lane minus the position in it.
 * Layer: delivery.
 */
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
    return this.#lanes.errors.end - this.#positions.errors + this.#lanes.rest.end - this.#positions.rest;
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

  #read(room: Room): readonly Run[] {
    const taken: Run[] = [];
    let { items, bytes } = room;
    for (const name of LANE_NAMES) {
      const runs = this.#lanes[name].read(this.#positions[name], { items, bytes });
      taken.push(...runs);
      this.#positions[name] += itemsOf(runs);
      items -= itemsOf(runs);
      bytes -= bytesOf(runs);
    }
    return taken;
  }

  /** Passes everything up to item `number`; what was not read is lost to the owner. */
  moveBeyond(lane: LaneName, number: number): void {
    const from = this.#positions[lane];
    if (from > number) return;
    this.#positions[lane] = number + 1;
    this.#owner.overrun(number + 1 - from, this.#lanes[lane].bytesBetween(from, number + 1));
  }
}
