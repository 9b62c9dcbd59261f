/**
 * OpenTelemetry's own diagnostics, on stderr, when `OTEL_LOG_LEVEL` asks for them.
 *
 * Layer: run. Unset, the official pieces stay silent and trouble is told by coded notices.
 */
import { type DiagLogFunction, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import type { LogLevel } from '../config/config.ts';
import { describeCause, guard } from '../core/guard.ts';
import type { LineLevel } from '../core/json-line.ts';
import { renderDiagnostic } from '../core/notices.ts';

const LEVELS: Record<LogLevel, DiagLogLevel> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** Whether notes of severity `info` are printed at this level. */
export function showsInfo(level: LogLevel | undefined): boolean {
  return level !== undefined && LEVELS[level] >= DiagLogLevel.INFO;
}

/** Makes a logger that prints messages of `level` and above. Messages only: arguments may hold payloads and headers. */
export function createDiagLogger(level: LogLevel): DiagLogger {
  const at = (name: LineLevel, threshold: DiagLogLevel): DiagLogFunction =>
    LEVELS[level] < threshold
      ? () => undefined
      : (message, ...details) => {
          guard('diag', () => writeLine(name, message, details), undefined);
        };
  return {
    error: at('error', DiagLogLevel.ERROR),
    warn: at('warn', DiagLogLevel.WARN),
    info: at('info', DiagLogLevel.INFO),
    debug: at('debug', DiagLogLevel.DEBUG),
    verbose: at('verbose', DiagLogLevel.VERBOSE),
  };
}

function writeLine(level: LineLevel, message: unknown, details: readonly unknown[]): void {
  const causes = details.filter((detail) => detail instanceof Error).map(describeCause);
  process.stderr.write(renderDiagnostic(level, [String(message), ...causes].join(' ')));
}
