/**
 * Settles which lines of the application are marked and which are exported.
 *
 * Layer: config. Source: OpenTelemetry logs data model, "SeverityNumber".
 */
import { SeverityNumber } from '@opentelemetry/api';
import type { LogsConfig } from './config.ts';
import type { Reader } from './reader.ts';
import {
  DUOTEL_LOGS,
  DUOTEL_LOGS_CONSOLE,
  DUOTEL_LOGS_LEVEL,
  DUOTEL_LOGS_RATE_LIMIT,
  type LogsLevel,
} from './variables/logs.ts';

const SEVERITIES: Readonly<Record<LogsLevel, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** Lines, level and limit. */
export function resolveLogLines(reader: Reader): Pick<LogsConfig, 'lines' | 'minimumSeverity' | 'recordsPerSecond'> {
  const mode = reader.value(DUOTEL_LOGS);
  const level = reader.given(DUOTEL_LOGS_LEVEL);
  return {
    lines: {
      inject: mode === 'inject' || mode === 'both',
      export: mode === 'export' || mode === 'both',
      exportConsole: reader.value(DUOTEL_LOGS_CONSOLE) === 'export',
    },
    minimumSeverity: level && SEVERITIES[level],
    recordsPerSecond: reader.given(DUOTEL_LOGS_RATE_LIMIT),
  };
}
