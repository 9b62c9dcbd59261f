/**
 * Settles which destinations of metrics get deltas: those it is asked for, but for the family of Prometheus.
 *
 * Prometheus, Mimir, Grafana Cloud and VictoriaMetrics refuse deltas or, worse, store them as if they were totals.
 * Source: OTLP exporter specification, "Temporality preference".
 * Layer: config.
 */
import type { OtlpDestination } from './config.ts';
import { isPrometheusFamily } from './endpoint.ts';
import { printable } from './printable.ts';
import type { Reader } from './reader.ts';
import { TEMPORALITY } from './variables/metrics.ts';

/** What is asked of one destination. */
export interface TemporalityWish {
  /** A `TemporalityPreference`, if what JavaScript gives is what the type says. */
  readonly asked: unknown;
  readonly url: URL;
}

/** The preference of the variable, for its destination. */
export function settlePreference(reader: Reader, url: URL): Pick<OtlpDestination, 'temporality'> {
  const asked = reader.value(TEMPORALITY);
  const settled = settleTemporality(reader, TEMPORALITY.name, { asked, url });
  if ((settled.temporality ?? 'cumulative') !== asked) reader.settle(TEMPORALITY, 'cumulative');
  return settled;
}

/** @param source - the name of what asks: a variable or an option */
export function settleTemporality(
  reader: Reader,
  source: string,
  { asked, url }: TemporalityWish,
): Pick<OtlpDestination, 'temporality'> {
  if (asked === undefined || asked === 'cumulative') return {};
  const setting = `${source}=${typeof asked === 'string' ? printable(asked) : `(${typeof asked})`}`;
  if (asked !== 'delta' && asked !== 'lowmemory') {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_INVALID',
      message: `${setting} is not one of cumulative, delta, lowmemory; cumulative is in force. Correct or remove it.`,
    });
    return {};
  }
  if (isPrometheusFamily(url)) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_CONFLICT',
      message: `${setting}, but ${url.host} is of the Prometheus family, which takes totals only; cumulative is in force. Remove the setting.`,
    });
    return {};
  }
  reader.report({
    severity: 'info',
    code: 'DUOTEL_FEATURE_UNAVAILABLE',
    message: `${setting}: deltas since the last push are lost when process.exit() or a crash ends the process; the natural end, signals and shutdown() deliver them. Totals, cumulative, are delivered in any case.`,
  });
  return { temporality: asked };
}
