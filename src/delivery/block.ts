/**
 * A piece of memory with items one after the other, their ends and their groups.
 *
 * Layer: delivery.
 */

/** Memory for items, held by the lane that fills it and by parcels that read it. */
export class Block {
  readonly bytes: Uint8Array;
  /** Number of its first item. */
  first = 0;
  count = 0;
  /** Where each item ends, which is where the next one starts. */
  readonly #ends: Uint32Array;
  readonly #groups: object[] = [];
  #holders = 0;
  readonly #onFree: (block: Block) => void;

  /** @param onFree - called when nobody holds on to it any more */
  constructor(size: number, maxItems: number, onFree: (block: Block) => void) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.#ends = new Uint32Array(maxItems);
    this.#onFree = onFree;
  }

  /** Begins anew, in the hands of a lane. */
  begin(first: number): void {
    this.first = first;
    this.count = 0;
    this.#holders = 1;
  }

  hasRoomFor(size: number): boolean {
    return this.count < this.#ends.length && this.bytes.length - this.edge(this.count) >= size;
  }

  add(end: number, group: object): void {
    this.#ends[this.count] = end;
    this.#groups[this.count] = group;
    this.count += 1;
  }

  /** Where item `index` starts, which is where the one before it ends. */
  edge(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] as number);
  }

  group(index: number): object {
    return this.#groups[index] as object;
  }

  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#onFree(this);
  }
}
