/**
 * What becomes of the lines of loggers in the run of the moment.
 *
 * A logger stays instrumented for the life of the process, and runs differ, so it asks here.
 * Layer: instrument. Loaded at start-up.
 */
import type { LogLinesConfig } from '../../config/config.ts';

const OFF: LogLinesConfig = { inject: false, export: false, exportConsole: false };

let current = OFF;
const listeners = new Set<(settings: LogLinesConfig) => void>();

/** In force. */
export function logSettings(): LogLinesConfig {
  return current;
}

/** Puts the settings of a run in force; without any, lines are left alone. */
export function settleLogs(settings: LogLinesConfig = OFF): void {
  current = settings;
  for (const listener of listeners) listener(settings);
}

/** Calls `listener` now and after each change. */
export function followLogs(listener: (settings: LogLinesConfig) => void): void {
  listeners.add(listener);
  listener(current);
}
