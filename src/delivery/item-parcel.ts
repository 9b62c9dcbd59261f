/**
 * Items of a log, or points of a snapshot, that make one request.
 *
 * They stay where they were written until the request is framed, so that it may be tried again or divided.
 * Layer: delivery.
 */
import { bytesOf, divide, itemsOf, piecesOf, type Run } from './lane.ts';
import type { Body, Parcel } from './outbox.ts';

/** Encoded items of one group, each with tag and length; several may be one slice. */
export interface ItemGroup {
  readonly group: object;
  readonly slices: Uint8Array[];
}

/** Puts items into a request body. */
export type FrameItems = (groups: readonly ItemGroup[]) => Body;

export class ItemParcel implements Parcel {
  readonly items: number;
  readonly bytes: number;
  readonly #runs: readonly Run[];
  readonly #frame: FrameItems;
  readonly #isSuperseded: () => boolean;

  /** @param isSuperseded - default: never */
  constructor(runs: readonly Run[], frame: FrameItems, isSuperseded: () => boolean = () => false) {
    this.items = itemsOf(runs);
    this.bytes = bytesOf(runs);
    this.#runs = runs;
    this.#frame = frame;
    this.#isSuperseded = isSuperseded;
    for (const { block } of runs) block.hold();
  }

  /** Group of the first item; the group of all where a request has one. */
  get group(): object | undefined {
    const [first] = this.#runs;
    return first?.block.group(first.from);
  }

  get isSuperseded(): boolean {
    return this.#isSuperseded();
  }

  body(): Body {
    const groups = new Map<object, ItemGroup>();
    for (const run of this.#runs) {
      for (const [group, piece] of piecesOf(run)) {
        const known = groups.get(group);
        if (known === undefined) groups.set(group, { group, slices: [piece] });
        else known.slices.push(piece);
      }
    }
    return this.#frame([...groups.values()]);
  }

  split(items: number): readonly [Parcel, Parcel] | undefined {
    if (items < 1 || items >= this.items) return undefined;
    const [first, second] = divide(this.#runs, items);
    const parts = [
      new ItemParcel(first, this.#frame, this.#isSuperseded),
      new ItemParcel(second, this.#frame, this.#isSuperseded),
    ] as const;
    this.release();
    return parts;
  }

  release(): void {
    for (const { block } of this.#runs) block.release();
  }
}
