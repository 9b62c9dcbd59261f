/**
 * A data point of a histogram that makes its value when it is asked for.
 *
 * A value is some hundred bytes of small objects. A snapshot of 100 000 of them, alive at the same time, stops the
 * program for the garbage collector; made one by one while they are encoded, they are gone at once.
 * Layer: metrics.
 */
import type { HrTime, MetricAttributes } from '@opentelemetry/api';
import type { DataPoint, Histogram } from '@opentelemetry/sdk-metrics';
import type { Exemplar } from '../encode/exemplar.ts';
import { FIRST_BUCKET_CELL, MAX_CELL, MIN_CELL, SUM_CELL } from './histogram-cells.ts';
import type { Series } from './series.ts';

/** What the points of one reading have in common. */
export interface Reading {
  readonly boundaries: number[];
  readonly endTime: HrTime;
}

export class HistogramPoint implements DataPoint<Histogram> {
  readonly attributes: MetricAttributes;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  // Declared, so that points without exemplars have no such field.
  declare readonly exemplars?: readonly Exemplar[];
  readonly #boundaries: number[];
  readonly #cells: Float64Array;
  readonly #firstCell: number;

  /** @param cells - a copy that nobody writes to */
  constructor(series: Series, cells: Float64Array, { boundaries, endTime }: Reading, exemplars?: readonly Exemplar[]) {
    this.attributes = series.attributes;
    this.startTime = series.startTime;
    this.endTime = endTime;
    if (exemplars !== undefined) this.exemplars = exemplars;
    this.#boundaries = boundaries;
    this.#cells = cells;
    this.#firstCell = series.firstCell;
  }

  /** Made at each access. */
  get value(): Histogram {
    const cells = this.#cells;
    const first = this.#firstCell;
    const counts: number[] = [];
    let count = 0;
    for (let cell = first + FIRST_BUCKET_CELL; counts.length <= this.#boundaries.length; cell += 1) {
      const inBucket = cells[cell] as number;
      counts.push(inBucket);
      count += inBucket;
    }
    const value = { buckets: { boundaries: this.#boundaries, counts }, sum: cells[first + SUM_CELL] as number, count };
    if (count === 0) return value;
    return { ...value, min: cells[first + MIN_CELL] as number, max: cells[first + MAX_CELL] as number };
  }
}
