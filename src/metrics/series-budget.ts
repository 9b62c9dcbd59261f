/**
 * What all instruments of a store count together: series, of which there is a bound, and measurements.
 *
 * Layer: metrics.
 */

export class SeriesBudget {
  readonly limit: number;
  used = 0;
  /** Made by the application so far, callbacks left out: tells whether a snapshot is still the latest. */
  measurements = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get isSpent(): boolean {
    return this.used >= this.limit;
  }
}
