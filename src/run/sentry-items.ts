/**
 * Measurements, logs and check-ins the application makes for Sentry itself.
 *
 * Layer: run. Behind the door `sentry`. Without a DSN each does nothing, at the cost of a look.
 */
import { guard } from '../core/guard.ts';
import { isLogLevel, type SentryLogLevel } from '../sentry/log-levels.ts';
import type { CheckInOptions, CheckInStatus } from '../sentry/check-ins.ts';
import type { SentryMetricOptions, SentryMetricType } from '../sentry/metrics.ts';
import { runningSentryFeed } from './current-run.ts';

/** Sentry's own metrics, on the trace in progress. Nothing here throws. */
export interface SentryMetrics {
  /** How often something happened. `value` is how many more; default: 1. */
  count(name: string, value?: number, options?: SentryMetricOptions): void;
  /** How much there is of something at this moment. */
  gauge(name: string, value: number, options?: SentryMetricOptions): void;
  /** One value of many, of which Sentry shows percentiles. */
  distribution(name: string, value: number, options?: SentryMetricOptions): void;
}

export const sentryMetrics: SentryMetrics = {
  count: (name, value = 1, options = {}) => measure('counter', name, value, options),
  gauge: (name, value, options = {}) => measure('gauge', name, value, options),
  distribution: (name, value, options = {}) => measure('distribution', name, value, options),
};

/**
 * Writes one of Sentry's logs, whatever `DUOTEL_SENTRY_LOGS` says; log records of the application need no call.
 *
 * An unknown level is `info`. Never throws.
 */
export function sentryLog(
  level: SentryLogLevel,
  message: string,
  attributes?: Readonly<Record<string, unknown>>,
): void {
  const feed = runningSentryFeed();
  if (feed === undefined) return;
  const known = isLogLevel(level) ? level : 'info';
  guard('sentry.logs', () => feed.items.log({ level: known, message, attributes }), undefined);
}

/**
 * Tells Sentry that a scheduled job begins, ended well, or failed.
 *
 * Returns the id of this run of the job, to be given with the check-in that ends it; `undefined` when nothing is sent.
 * Never throws.
 *
 * @example
 * const id = checkIn('nightly-report', 'in_progress', { monitor: { schedule: '0 3 * * *' } });
 * await writeReport();
 * checkIn('nightly-report', 'ok', { id });
 */
export function checkIn(name: string, status: CheckInStatus, options: CheckInOptions = {}): string | undefined {
  const feed = runningSentryFeed();
  if (feed === undefined) return undefined;
  return guard('sentry.checkIn', () => feed.items.checkIn({ ...options, name, status }), undefined);
}

function measure(type: SentryMetricType, name: string, value: number, options: SentryMetricOptions): void {
  const feed = runningSentryFeed();
  if (feed === undefined) return;
  guard('sentry.metrics', () => feed.items.measure({ ...options, type, name, value }), undefined);
}
