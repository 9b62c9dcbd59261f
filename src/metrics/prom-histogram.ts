/**
 * Histograms of prom-client, which are lists of samples with running totals, as points with counts per bucket.
 *
 * Layer: metrics. Loaded with `prom-client.ts`.
 */
import type { Attributes } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';

/** One sample of `getMetricsAsJSON()`. */
export interface PromSample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, unknown>>;
  /** Name of the sample where it is not the metric's: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

/** A point without its times. */
export interface HistogramPoint {
  readonly attributes: Attributes;
  readonly value: Histogram;
}

interface Series {
  readonly attributes: Attributes;
  readonly buckets: { readonly bound: number; readonly total: number }[];
  sum: number;
  count: number;
}

/** @param name - of the metric; its samples have a suffix */
export function toHistograms(name: string, values: readonly PromSample[]): HistogramPoint[] {
  const series = new Map<string, Series>();
  for (const { value, labels = {}, metricName } of values) {
    const { le, ...others } = labels;
    const one = seriesOf(series, others);
    if (metricName === `${name}_bucket`)
      one.buckets.push({ bound: le === '+Inf' ? Infinity : Number(le), total: value });
    else if (metricName === `${name}_sum`) one.sum = value;
    else if (metricName === `${name}_count`) one.count = value;
  }
  return [...series.values()].map(toPoint);
}

function seriesOf(series: Map<string, Series>, labels: Readonly<Record<string, unknown>>): Series {
  const entries = Object.entries(labels).map(([key, value]) => [key, String(value)] as const);
  const key = JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const known = series.get(key);
  if (known !== undefined) return known;
  const made: Series = { attributes: Object.fromEntries(entries), buckets: [], sum: 0, count: 0 };
  series.set(key, made);
  return made;
}

function toPoint({ attributes, buckets, sum, count }: Series): HistogramPoint {
  const finite = buckets.filter(({ bound }) => Number.isFinite(bound)).sort((a, b) => a.bound - b.bound);
  const totals = [...finite.map(({ total }) => total), count];
  const counts = totals.map((total, index) => total - (totals[index - 1] ?? 0));
  return { attributes, value: { buckets: { boundaries: finite.map(({ bound }) => bound), counts }, sum, count } };
}
