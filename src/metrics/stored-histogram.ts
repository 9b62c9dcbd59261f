/**
 * Histograms with explicit bucket boundaries.
 *
 * Layer: metrics.
 */
import { type Context, diag, type HrTime, type MetricAttributes, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import type { HistogramCells } from './histogram-cells.ts';
import { FIRST_BUCKET_CELL, MAX_CELL, MIN_CELL, SUM_CELL } from './histogram-cells.ts';
import { HistogramPoint } from './histogram-point.ts';
import type { InstrumentDescriptor } from './descriptor.ts';
import type { ExemplarRing } from './exemplar-ring.ts';
import type { Recorder } from './instrument.ts';
import type { SeriesTable } from './series-table.ts';
import type { Series } from './series.ts';
import { acceptNumber, type AnyPoint, type PointReader, StoredInstrument } from './stored-instrument.ts';

/** Specification, "Explicit bucket histogram aggregation". */
const DEFAULT_BOUNDARIES: readonly number[] = [
  0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000,
];

/**
 * Upper bounds of the buckets by advice, sorted and without infinities, or the default ones.
 *
 * @throws if the advice is no array
 */
export function boundariesOf({ advice }: InstrumentDescriptor): readonly number[] {
  const advised = advice.explicitBucketBoundaries;
  if (!advised) return DEFAULT_BOUNDARIES;
  const sorted = advised.concat().sort((a, b) => a - b);
  const infinity = sorted.indexOf(Infinity);
  return sorted.slice(sorted.lastIndexOf(-Infinity) + 1, infinity === -1 ? undefined : infinity);
}

export interface StoredHistogramParts {
  readonly table: SeriesTable;
  readonly exemplars: ExemplarRing | undefined;
  readonly boundaries: readonly number[];
  readonly cells: HistogramCells;
}

/** Counts by bucket. Never throws. */
export class StoredHistogram extends StoredInstrument implements Recorder {
  readonly #boundaries: readonly number[];
  readonly #cells: HistogramCells;
  readonly #isInteger: boolean = this.descriptor.valueType === ValueType.INT;

  constructor(descriptor: InstrumentDescriptor, { table, exemplars, boundaries, cells }: StoredHistogramParts) {
    super(descriptor, table, exemplars);
    this.#boundaries = boundaries;
    this.#cells = cells;
  }

  record(value: number, attributes?: MetricAttributes, context?: Context): void {
    try {
      if (value < 0) {
        diag.warn(`negative value provided to histogram ${this.descriptor.name}: ${value}`);
        return;
      }
      const accepted = typeof value === 'number' && !this.#isInteger ? value : acceptNumber(value, this.descriptor);
      if (accepted === undefined) return;
      const series = this.table.record(attributes);
      series.isTouched = true;
      // Like the SDK: the series is there, but nothing was counted.
      if (Number.isNaN(accepted)) return;
      const bucket = this.#bucketOf(accepted);
      const cells = series.cells as Float64Array;
      const { firstCell } = series;
      (cells[firstCell + SUM_CELL] as number) += accepted;
      cells[firstCell + MIN_CELL] = Math.min(accepted, cells[firstCell + MIN_CELL] as number);
      cells[firstCell + MAX_CELL] = Math.max(accepted, cells[firstCell + MAX_CELL] as number);
      (cells[firstCell + FIRST_BUCKET_CELL + bucket] as number) += 1;
      this.exemplars?.offer(series, accepted, bucket, context);
    } catch (cause) {
      degrade('metrics.record', cause);
    }
  }

  toMetric(dataPoints: AnyPoint[]): MetricData {
    return {
      descriptor: this.descriptor,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: dataPoints as DataPoint<Histogram>[],
    };
  }

  createPointReader(endTime: HrTime): PointReader {
    const reading = { boundaries: this.#boundaries as number[], endTime };
    let source: Float64Array | undefined;
    let copy = new Float64Array(0);
    return (series, exemplars) => {
      // Neighbours share an array, so it is copied once for all of them.
      if (series.cells !== source) {
        source = series.cells as Float64Array;
        copy = source.slice();
      }
      return new HistogramPoint(series, copy, reading, exemplars);
    };
  }

  override forget(series: Series): void {
    this.#cells.takeBack(series);
  }

  /** Index of the first bucket whose upper bound is not below `value`. */
  #bucketOf(value: number): number {
    const boundaries = this.#boundaries;
    let low = 0;
    let high = boundaries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((boundaries[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
