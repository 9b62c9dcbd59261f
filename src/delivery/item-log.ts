/**
 * The log of one signal: encoded items in the order they ended, in bounded memory, read through one cursor per
 * destination.
 *
 * Two lanes, so that errors outlive the rest when space runs out. An item is kept until every cursor has passed it; when
 * the space is used up, the cursors that are furthest behind are moved on, and only their destinations lose something.
 * Layer: delivery. Loaded with the first item. Does not know what a span is.
 */
import type { ProtobufWriter } from '../encode/protobuf-writer.ts';
import { Cursor, type CursorOwner, LANE_NAMES } from './cursor.ts';
import { Lane, type LaneName } from './lane.ts';

/** Bounds of a log. */
export interface LogLimits {
  /** Most bytes of items that wait, bookkeeping included; the newest item is kept whatever its size. */
  readonly maxBytes: number;
  /** Most items that wait; `undefined` = only bytes are bounded. */
  readonly maxItems: number | undefined;
  /** How many bytes are given up at once when they run out: one by one would cost more than the items did. */
  readonly stepBytes: number;
}

/** Items of one signal. */
export class ItemLog {
  readonly lanes: Readonly<Record<LaneName, Lane>> = { errors: new Lane(), rest: new Lane() };
  readonly #limits: LogLimits;
  readonly #cursors: Cursor[] = [];

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  /** Opens a cursor at the end of the log: items from now on are for its owner. */
  openCursor(owner: CursorOwner): Cursor {
    const cursor = new Cursor(this.lanes, owner, () => this.#forget());
    this.#cursors.push(cursor);
    return cursor;
  }

  /**
   * Takes over what was written to `writer` from `start` on.
   *
   * @param group - items of one group stand together in a request: the instrumentation scope
   */
  append(lane: LaneName, writer: ProtobufWriter, start: number, group: object): void {
    this.lanes[lane].append(writer, start, group);
    while (this.#isFull()) this.#makeRoom();
  }

  /** What `append()` with these arguments does, for some: `notFor`, not all there are, pass the item by. */
  appendToSome(notFor: readonly Cursor[], ...[lane, writer, start, group]: Parameters<ItemLog['append']>): void {
    this.lanes[lane].append(writer, start, group);
    for (const cursor of notFor) cursor.leaveOut(lane);
    while (this.#isFull()) this.#makeRoom();
  }

  #isFull(): boolean {
    const items = this.#keptItems;
    const { maxItems, maxBytes } = this.#limits;
    return items > 1 && (this.#keptBytes > maxBytes || (maxItems !== undefined && items > maxItems));
  }

  get #keptItems(): number {
    return this.lanes.errors.keptItems + this.lanes.rest.keptItems;
  }

  get #keptBytes(): number {
    return this.lanes.errors.keptBytes + this.lanes.rest.keptBytes;
  }

  /** The oldest items go; errors only when there is nothing else. */
  #makeRoom(): void {
    const { maxBytes, stepBytes } = this.#limits;
    const name: LaneName = this.lanes.rest.keptItems > 0 ? 'rest' : 'errors';
    const excessBytes = this.#keptBytes - maxBytes;
    const last = this.lanes[name].lastOfOldest(excessBytes > 0 ? excessBytes + stepBytes : 0);
    for (const cursor of this.#cursors) cursor.moveBeyond(name, last);
    this.#forget();
  }

  /** Gives back what every cursor has passed. */
  #forget(): void {
    for (const name of LANE_NAMES) {
      let until = Infinity;
      for (const cursor of this.#cursors) until = Math.min(until, cursor.position(name));
      this.lanes[name].forgetBefore(until);
    }
  }
}
