/**
 * Cells of histograms: sum, minimum, maximum and counts of many series in few typed arrays.
 *
 * An array for each series would cost more than what is in it.
 * Layer: metrics.
 */
import type { Series } from './series.ts';

export const SUM_CELL = 0;
export const MIN_CELL = 1;
export const MAX_CELL = 2;
/** The count of the first bucket; the others follow. */
export const FIRST_BUCKET_CELL = 3;

/** Series in one array; the first arrays are smaller, because most histograms have few series. */
const MOST_SERIES_PER_ARRAY = 64;

/** Gives series their cells. */
export class HistogramCells {
  readonly #stride: number;
  #seriesPerArray = 1;
  #array = new Float64Array(0);
  #next = 0;
  /** Cells of series that were forgotten. */
  readonly #free: { readonly cells: Float64Array; readonly firstCell: number }[] = [];

  /** @param buckets - number of buckets, the one without upper bound included */
  constructor(buckets: number) {
    this.#stride = FIRST_BUCKET_CELL + buckets;
  }

  /** Gives `series` cells in which nothing was recorded yet. */
  give(series: Series): void {
    const { cells, firstCell } = this.#free.pop() ?? this.#take();
    cells.fill(0, firstCell, firstCell + this.#stride);
    cells[firstCell + MIN_CELL] = Infinity;
    cells[firstCell + MAX_CELL] = -Infinity;
    series.cells = cells;
    series.firstCell = firstCell;
  }

  /** Takes back the cells of a series nobody records or reads any more. */
  takeBack({ cells, firstCell }: Series): void {
    if (cells !== undefined) this.#free.push({ cells, firstCell });
  }

  #take(): { cells: Float64Array; firstCell: number } {
    if (this.#next === this.#array.length) {
      this.#array = new Float64Array(this.#stride * this.#seriesPerArray);
      this.#seriesPerArray = Math.min(this.#seriesPerArray * 2, MOST_SERIES_PER_ARRAY);
      this.#next = 0;
    }
    const firstCell = this.#next;
    this.#next += this.#stride;
    return { cells: this.#array, firstCell };
  }
}
