/**
 * Where the lines of one logger become log records.
 *
 * Telemetry never logs about itself: what is said while a record is made or telemetry is sent is no record. Records are
 * emitted in a context that says so, and whatever comes of it later (a timer, a request) inherits it.
 * Layer: instrument. Loaded with the first logger.
 */
import {
  context,
  type Context,
  isSpanContextValid,
  type Logger,
  type LoggerProvider,
  type LogRecord,
  type SeverityNumber,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { degrade } from '../../core/guard.ts';
import { requestOf } from '../../request/request-context.ts';
import { isQuiet, QuietContext } from './quiet-context.ts';

let isEmitting = false;

/** Makes records under the name of one instrumentation. */
export class LogSource {
  readonly #scope: { readonly name: string; readonly version?: string | undefined };
  #logger: Logger | undefined;

  constructor(name: string, version?: string) {
    this.#scope = { name, version };
  }

  /** From now on records go there. */
  connect(provider: LoggerProvider): void {
    this.#logger = provider.getLogger(this.#scope.name, this.#scope.version);
  }

  /** Whether a record of this severity is wanted: asked before anything is done for it. Never throws. */
  wants(severityNumber: SeverityNumber, scope: Context): boolean {
    return !isEmitting && !isTelemetry(scope) && this.#logger?.enabled({ severityNumber, context: scope }) === true;
  }

  /**
   * Makes a record of what `describe` gives. Never throws.
   *
   * @param scope - context the line was written in
   */
  emit(scope: Context, describe: () => LogRecord): void {
    isEmitting = true;
    try {
      const record = { ...describe(), context: scope };
      context.with(new QuietContext(scope), () => this.#logger?.emit(record));
    } catch (cause) {
      degrade(`logs.${this.#scope.name}`, cause);
    } finally {
      isEmitting = false;
    }
  }
}

/**
 * Whether telemetry is at work here. Its requests are not traced; those of the application that are to be ignored are
 * not either, but they are known by their context and have no span.
 */
function isTelemetry(scope: Context): boolean {
  if (!isTracingSuppressed(scope)) return false;
  if (isQuiet(scope) || requestOf(scope) === undefined) return true;
  const span = trace.getSpanContext(scope);
  return span !== undefined && isSpanContextValid(span);
}
