/**
 * Histograms in the one shape the Prometheus text format knows: counts below fixed upper bounds.
 *
 * Exponential histograms have no text form. Their buckets are summed up into fixed bounds, which must not move from
 * scrape to scrape: `rate()` over buckets that come and go gives nonsense.
 * Layer: encode.
 */
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { SECONDS_BOUNDARIES } from './seconds.ts';

/** Values of one histogram series. */
export interface ClassicHistogram {
  /** Inclusive upper bounds: finite, ascending, each once. */
  readonly boundaries: readonly number[];
  /** Counts per bucket, not cumulative; one more than boundaries, for what is above all of them. */
  readonly counts: readonly number[];
  /** `undefined` where a sum means nothing, e.g. with negative measurements. */
  readonly sum: number | undefined;
}

/** 1, 2.5 and 5 of each power of ten from 10⁻³ to 10⁹: sizes, counts and milliseconds alike. */
const WIDE_BOUNDS: readonly number[] = Array.from({ length: 13 }, (_, index) => index - 3).flatMap((power) =>
  ['1', '2.5', '5'].map((digits) => Number(`${digits}e${power}`)),
);

/** Brings any histogram of the SDK into the classic shape. */
export function toClassicHistogram(value: Histogram | ExponentialHistogram, unit: string): ClassicHistogram {
  return 'buckets' in value
    ? fromExplicit(value)
    : fromExponential(value, unit === 's' ? SECONDS_BOUNDARIES : WIDE_BOUNDS);
}

/** Sum of two series that became one; different bounds cannot be added, there the first one stays. */
export function addHistograms(first: ClassicHistogram, second: ClassicHistogram): ClassicHistogram {
  const { boundaries } = first;
  if (boundaries.length !== second.boundaries.length) return first;
  if (boundaries.some((bound, index) => bound !== second.boundaries[index])) return first;
  return {
    boundaries,
    counts: first.counts.map((count, index) => count + (second.counts[index] ?? 0)),
    sum: first.sum === undefined || second.sum === undefined ? undefined : first.sum + second.sum,
  };
}

/** Which arrays of bounds are as they must be; all series of an instrument share one. */
const areFine = new WeakMap<readonly number[], boolean>();

/** Folds buckets whose bound the format cannot show into the next one: users may pass doubled or infinite bounds. */
function fromExplicit({ buckets, sum }: Histogram): ClassicHistogram {
  const given = buckets.boundaries;
  let isFine = areFine.get(given);
  if (isFine === undefined) {
    isFine = given.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > (given[index - 1] ?? 0)));
    areFine.set(given, isFine);
  }
  if (isFine && buckets.counts.length === given.length + 1) return { boundaries: given, counts: buckets.counts, sum };
  return fold(buckets, sum);
}

function fold(buckets: Histogram['buckets'], sum: number | undefined): ClassicHistogram {
  const boundaries: number[] = [];
  const counts: number[] = [];
  let carried = 0;
  for (const [index, bound] of buckets.boundaries.entries()) {
    carried += buckets.counts[index] ?? 0;
    if (!Number.isFinite(bound) || bound <= (boundaries.at(-1) ?? -Infinity)) continue;
    boundaries.push(bound);
    counts.push(carried);
    carried = 0;
  }
  counts.push(carried + (buckets.counts[buckets.boundaries.length] ?? 0));
  return { boundaries, counts, sum };
}

/** Counts each exponential bucket under the first bound that holds all of it: values round up, by one bucket at most. */
function fromExponential(value: ExponentialHistogram, bounds: readonly number[]): ClassicHistogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  const add = (upper: number, count: number): void => {
    // The edges are powers of a root of two; a bound that is the same number but for rounding counts as reached.
    const found = bounds.findIndex((bound) => bound >= upper * (1 - 1e-9));
    const index = found < 0 ? bounds.length : found;
    counts[index] = (counts[index] ?? 0) + count;
  };
  const edge = (index: number): number => 2 ** (index * 2 ** -value.scale);
  for (const [index, count] of value.negative.bucketCounts.entries()) add(-edge(value.negative.offset + index), count);
  add(0, value.zeroCount);
  for (const [index, count] of value.positive.bucketCounts.entries())
    add(edge(value.positive.offset + index + 1), count);
  return { boundaries: bounds, counts, sum: value.sum };
}
