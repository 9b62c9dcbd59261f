/**
 * Variables of the lines that loggers and the console write.
 *
 * Layer: config.
 */
import { oneOf, perSecond } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export type LogsMode = 'inject' | 'export' | 'both' | 'off';
export type LogsLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export const DUOTEL_LOGS: DefaultedVariable<LogsMode> = {
  name: 'DUOTEL_LOGS',
  section: 'Logs',
  kind: oneOf('inject', 'export', 'both', 'off'),
  default: 'both',
  description:
    'What becomes of the lines of pino, winston and bunyan: inject puts the ids of trace and request into them, export ' +
    'sends them as log records and leaves them as they are. Where a collector also reads the lines, inject is enough ' +
    'and both pays twice.',
  source: 'duotel',
};

export const DUOTEL_LOGS_CONSOLE: DefaultedVariable<'off' | 'export'> = {
  name: 'DUOTEL_LOGS_CONSOLE',
  section: 'Logs',
  kind: oneOf('off', 'export'),
  default: 'off',
  description: 'export sends what console.log, info, warn, error and debug print as log records too.',
  source: 'duotel',
};

export const DUOTEL_LOGS_LEVEL: Variable<LogsLevel> = {
  name: 'DUOTEL_LOGS_LEVEL',
  section: 'Logs',
  kind: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
  description:
    'Least severe log records that are exported, from every source; those without a severity always are. Lines are not ' +
    'affected. Unset: all.',
  source: 'duotel',
};

export const DUOTEL_LOGS_RATE_LIMIT: Variable<number> = {
  name: 'DUOTEL_LOGS_RATE_LIMIT',
  section: 'Logs',
  kind: perSecond,
  description:
    'Most log records that are exported in a second; those of severity ERROR and above have as many for themselves. Unset: no limit.',
  source: 'duotel',
};

export const LOG_VARIABLES: readonly Variable[] = [
  DUOTEL_LOGS,
  DUOTEL_LOGS_CONSOLE,
  DUOTEL_LOGS_LEVEL,
  DUOTEL_LOGS_RATE_LIMIT,
];
