/**
 * Tells people which metric has too many attribute sets, and which attribute makes them.
 *
 * Layer: metrics.
 */
import { notify } from '../core/notices.ts';
import type { Bound } from './series-table.ts';
import type { Series } from './series.ts';

/** Fewer values are no reason to keep some of them. */
const MANY_VALUES = 100;
/** Longest name in a line. */
const SHOWN_CHARS = 100;

/** One line for each metric that meets its own bound, and one in all for the total. */
export function tellOverflow(metric: string, bound: Bound, series: readonly Series[]): void {
  const ofInstrument = bound === 'instrument';
  const name = metric.slice(0, SHOWN_CHARS);
  const variable = ofInstrument ? 'DUOTEL_METRICS_CARDINALITY_LIMIT' : 'DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT';
  notify({
    code: 'DUOTEL_METRIC_OVERFLOW',
    key: ofInstrument ? metric : '',
    message:
      `${ofInstrument ? `Metric "${name}" has` : 'All metrics together have'} as many attribute sets as are kept ` +
      `apart; further ones of "${name}" are counted in one series with otel.metric.overflow=true, totals stay exact. ` +
      `${adviseOn(series)}, or raise ${variable}.`,
  });
}

function adviseOn(series: readonly Series[]): string {
  const [most, values] = mostDistinct(series);
  const key = most.slice(0, SHOWN_CHARS);
  if (values < 2) return 'Record fewer attributes';
  const keep =
    values > MANY_VALUES ? `, keep its first values (DUOTEL_METRICS_FIRST_VALUES=${key}=${MANY_VALUES})` : '';
  return `They differ most by "${key}", which has ${values} values: leave it out${keep}`;
}

/** The attribute key with the most values, and how many. */
function mostDistinct(series: readonly Series[]): readonly [string, number] {
  const distinct = new Map<string, Set<unknown>>();
  for (const { keys, values } of series) {
    for (const [index, key] of keys.entries()) {
      let known = distinct.get(key);
      if (known === undefined) distinct.set(key, (known = new Set()));
      known.add(values[index]);
    }
  }
  let most: readonly [string, number] = ['', 0];
  for (const [key, { size }] of distinct) if (size > most[1]) most = [key, size];
  return most;
}
