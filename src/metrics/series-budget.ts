/**
 * How many series all instruments of a store may have together.
 *
 * Layer: metrics.
 */

/** Counts the series of a store. */
export class SeriesBudget {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get isSpent(): boolean {
    return this.used >= this.limit;
  }
}
