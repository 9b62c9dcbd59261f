/**
 * Tells people which metric has too many attribute sets, and which attribute makes them.
 *
 * Layer: metrics.
 */
import { notify } from '../core/notices.ts';
import type { Bound } from './series-table.ts';
import type { Series } from './series.ts';

/** One line for each metric that meets its own bound, and one in all for the total. */
export function tellOverflow(metric: string, bound: Bound, series: readonly Series[]): void {
  const { key, values } = mostDistinct(series);
  const cause = key === undefined ? '' : ` Most of them differ by the attribute "${key}" (${values} values).`;
  const remedy =
    key === undefined
      ? 'Record fewer attributes'
      : `Leave "${key}" out, or keep its first 100 values with DUOTEL_METRICS_FIRST_VALUES=${key}=100`;
  const scope = bound === 'instrument' ? `Metric "${metric}" has` : 'All metrics together have';
  const variable =
    bound === 'instrument' ? 'DUOTEL_METRICS_CARDINALITY_LIMIT' : 'DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT';
  notify({
    code: 'DUOTEL_METRIC_OVERFLOW',
    key: bound === 'instrument' ? metric : '',
    message:
      `${scope} as many attribute sets as are kept apart; further ones of "${metric}" are counted in one series with ` +
      `otel.metric.overflow=true, totals stay exact.${cause} ${remedy}, or raise ${variable}.`,
  });
}

function mostDistinct(series: readonly Series[]): { key: string | undefined; values: number } {
  const distinct = new Map<string, Set<unknown>>();
  for (const { keys, values } of series) {
    for (const [index, key] of keys.entries()) {
      let known = distinct.get(key);
      if (known === undefined) distinct.set(key, (known = new Set()));
      known.add(values[index]);
    }
  }
  let most: { key: string | undefined; values: number } = { key: undefined, values: 0 };
  for (const [key, { size }] of distinct) if (size > most.values) most = { key, values: size };
  return most;
}
