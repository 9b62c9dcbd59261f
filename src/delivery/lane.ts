/**
 * One lane of a log: items one after the other in blocks of memory, numbered from 0.
 *
 * An item costs no object: its bytes are copied behind those of the one before, and a block is given back as a whole
 * once all its items are read.
 * Layer: delivery.
 */
import type { ProtobufWriter } from '../encode/protobuf-writer.ts';
import { Block } from './block.ts';

/** `errors` outlive `rest` when space runs out. */
export type LaneName = 'errors' | 'rest';

/** What an item costs beside its own bytes: its end and its group. */
export const ITEM_OVERHEAD_BYTES = 16;

/** The first block is small: a command-line program may end with one item. */
const FIRST_BLOCK_BYTES = 4 * 1024;
const BLOCK_BYTES = 64 * 1024;
const MAX_SPARE_BLOCKS = 8;
/** A block has room for so many items that they fill it if they are this large; most are several times that. */
const LEAST_ITEM_BYTES = 64;

/** Items of one block that follow each other. */
export interface Run {
  readonly block: Block;
  /** Index within the block. */
  readonly from: number;
  /** Index after the last one. */
  readonly to: number;
}

/** How much fits. */
export interface Room {
  readonly items: number;
  readonly bytes: number;
}

export class Lane {
  readonly #blocks: Block[] = [];
  /** Blocks that nobody needs any more, used again: a program in an outage makes no garbage of them. */
  readonly #spare: Block[] = [];
  /** Number of the next item; so many were ever made. */
  #end = 0;
  /** Number of the oldest item that is kept. */
  #oldest = 0;
  /** Bytes of all items ever made, and of those that are forgotten. */
  #madeBytes = 0;
  #forgottenBytes = 0;

  get end(): number {
    return this.#end;
  }

  get oldest(): number {
    return this.#oldest;
  }

  get madeBytes(): number {
    return this.#madeBytes;
  }

  get keptItems(): number {
    return this.#end - this.#oldest;
  }

  /** With bookkeeping. */
  get keptBytes(): number {
    return this.#madeBytes - this.#forgottenBytes + this.keptItems * ITEM_OVERHEAD_BYTES;
  }

  /** Takes over what was written to `writer` from `start` on. */
  append(writer: ProtobufWriter, start: number, group: object): void {
    const size = writer.at - start;
    const block = this.#blockFor(size);
    const at = block.edge(block.count);
    writer.moveTo(block.bytes, at, start);
    block.add(at + size, group);
    this.#end += 1;
    this.#madeBytes += size;
  }

  /** Bytes of the items from number `from` up to, not including, `to`. */
  bytesBetween(from: number, to: number): number {
    return bytesOf([...this.#runs(from, to)]);
  }

  /** Items from number `from` on, as many as there is room for. */
  read(from: number, room: Room): Run[] {
    const runs: Run[] = [];
    let { bytes } = room;
    for (const run of this.#runs(from, Math.min(this.#end, from + room.items))) {
      const fitting = shorten(run, bytes);
      if (fitting.to > fitting.from) runs.push(fitting);
      if (fitting.to < run.to) break;
      bytes -= bytesOf([fitting]);
    }
    return runs;
  }

  /** Number of the last of the oldest items that together take `bytes`, bookkeeping included; at least the oldest one. */
  lastOfOldest(bytes: number): number {
    let number = this.#oldest;
    let left = bytes;
    for (const block of this.#blocks) {
      for (let index = number - block.first; index < block.count; index += 1, number += 1) {
        left -= block.edge(index + 1) - block.edge(index) + ITEM_OVERHEAD_BYTES;
        if (left <= 0) return number;
      }
    }
    return number - 1;
  }

  /** Gives back all items before number `until`. */
  forgetBefore(until: number): void {
    const oldest = Math.min(until, this.#end);
    if (oldest <= this.#oldest) return;
    this.#forgottenBytes += this.bytesBetween(this.#oldest, oldest);
    this.#oldest = oldest;
    while (this.#blocks.length > 0 && isBefore(this.#blocks[0] as Block, oldest)) this.#blocks.shift()?.release();
  }

  #blockFor(size: number): Block {
    const last = this.#blocks.at(-1);
    if (last?.hasRoomFor(size) === true) return last;
    const block = (size <= BLOCK_BYTES ? this.#spare.pop() : undefined) ?? this.#create(size);
    block.begin(this.#end);
    this.#blocks.push(block);
    return block;
  }

  #create(size: number): Block {
    const length = Math.max(size, this.#end === 0 ? FIRST_BLOCK_BYTES : BLOCK_BYTES);
    return new Block(length, Math.ceil(length / LEAST_ITEM_BYTES), this.#keepSpare);
  }

  readonly #keepSpare = (block: Block): void => {
    if (block.bytes.length === BLOCK_BYTES && this.#spare.length < MAX_SPARE_BLOCKS) this.#spare.push(block);
  };

  *#runs(from: number, to: number): Generator<Run> {
    for (const block of this.#blocks) {
      if (block.first >= to) return;
      const start = Math.max(0, from - block.first);
      const end = Math.min(block.count, to - block.first);
      if (start < end) yield { block, from: start, to: end };
    }
  }
}

export function itemsOf(runs: readonly Run[]): number {
  return runs.reduce((items, { from, to }) => items + to - from, 0);
}

/** Without bookkeeping. */
export function bytesOf(runs: readonly Run[]): number {
  return runs.reduce((bytes, { block, from, to }) => bytes + block.edge(to) - block.edge(from), 0);
}

/** The first `items` items, and the others. */
export function divide(runs: readonly Run[], items: number): readonly [Run[], Run[]] {
  const first: Run[] = [];
  const second: Run[] = [];
  let left = items;
  for (const run of runs) {
    const middle = Math.min(run.to, run.from + left);
    if (middle > run.from) first.push({ ...run, to: middle });
    if (middle < run.to) second.push({ ...run, from: middle });
    left -= middle - run.from;
  }
  return [first, second];
}

/** Neighbours of one group as one piece of memory each, in order. */
export function* piecesOf({ block, from, to }: Run): Generator<readonly [group: object, bytes: Uint8Array]> {
  let start = from;
  for (let index = from; index < to; index += 1) {
    const group = block.group(index);
    if (index + 1 < to && block.group(index + 1) === group) continue;
    yield [group, block.bytes.subarray(block.edge(start), block.edge(index + 1))];
    start = index + 1;
  }
}

/** The beginning of a run that has at most `bytes` bytes. */
function shorten(run: Run, bytes: number): Run {
  let { to } = run;
  while (to > run.from && run.block.edge(to) - run.block.edge(run.from) > bytes) to -= 1;
  return { ...run, to };
}

function isBefore({ first, count }: Block, number: number): boolean {
  return first + count <= number;
}
