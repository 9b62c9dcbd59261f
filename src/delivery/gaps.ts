/**
 * The items of one lane that are not for one cursor.
 *
 * Kept as ranges of numbers beside the lane, so that lanes, and cursors that read everything, have no part in it.
 * Layer: delivery.
 */

/** Ranges that were passed are cut off when there are this many. */
const CUT_OFF_AT = 1024;

export class Gaps {
  /** Beginnings and ends (not included) in turn, ascending, no two touching. */
  #edges: number[] = [];
  /** Index in `#edges` of the first range that is not passed. */
  #first = 0;
  #size = 0;

  /** How many numbers there are, those that were passed left out. */
  get size(): number {
    return this.#size;
  }

  /** Adds `number`, which is higher than all before. */
  add(number: number): void {
    const edges = this.#edges;
    const last = edges.length - 1;
    if (last > this.#first && edges[last] === number) edges[last] = number + 1;
    else edges.push(number, number + 1);
    this.#size += 1;
  }

  /** The first number from `number` on that is in no gap; gaps before it are forgotten. */
  pass(number: number): number {
    const edges = this.#edges;
    let next = number;
    while (this.#first < edges.length && (edges[this.#first] as number) <= next) {
      const [from, to] = [edges[this.#first] as number, edges[this.#first + 1] as number];
      this.#size -= to - from;
      next = Math.max(next, to);
      this.#first += 2;
    }
    if (this.#first === edges.length || this.#first >= CUT_OFF_AT) {
      this.#edges = edges.slice(this.#first);
      this.#first = 0;
    }
    return next;
  }

  /** What lies between the gaps, from `from` up to, not including, `to`; `from` is not before what was passed. */
  *between(from: number, to: number): Generator<readonly [from: number, to: number]> {
    // What is passed meanwhile does not change these.
    const edges = this.#edges;
    let start = from;
    for (let index = this.#first; start < to; index += 2) {
      const [gap = to, end = to] = [edges[index], edges[index + 1]];
      if (start < gap) yield [start, Math.min(gap, to)];
      start = Math.max(start, end);
    }
  }
}
