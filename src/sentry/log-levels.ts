/**
 * Sentry's levels of logs and the severities of OpenTelemetry.
 *
 * Layer: sentry. Source: OpenTelemetry “Logs Data Model”, SeverityNumber.
 */
import type { SentryLogs } from '../config/config.ts';

export type SentryLogLevel = Exclude<SentryLogs, 'off'>;

/** The least severity of each level, from the lowest on. */
export const SEVERITIES: Readonly<Record<SentryLogLevel, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

const LEVELS = Object.keys(SEVERITIES) as SentryLogLevel[];

export function isLogLevel(level: unknown): level is SentryLogLevel {
  return LEVELS.includes(level as SentryLogLevel);
}

/** A record without a severity is `info`. */
export function levelOf(severityNumber: number | undefined): SentryLogLevel {
  if (severityNumber === undefined || severityNumber === 0) return 'info';
  return LEVELS.findLast((level) => severityNumber >= SEVERITIES[level]) ?? 'trace';
}
