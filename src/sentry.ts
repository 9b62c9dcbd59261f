/**
 * Door `duotel/sentry`: measurements, logs and check-ins for Sentry alone.
 *
 * Errors and spans get there by themselves. Without a DSN these calls do nothing.
 *
 * @example
 * import { sentryMetrics } from 'duotel/sentry';
 * sentryMetrics.distribution('generation.latency', 812, { unit: 'millisecond', attributes: { provider: 'acme' } });
 */
export { checkIn, sentryLog, type SentryMetrics, sentryMetrics } from './run/sentry-items.ts';
export type { CheckInOptions, CheckInStatus, MonitorOptions } from './sentry/check-ins.ts';
export type { SentryLogLevel } from './sentry/log-levels.ts';
export type { SentryMetricOptions } from './sentry/metrics.ts';
