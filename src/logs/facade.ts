/**
 * The logger provider that sits in the API's global slot, in front of the SDK's provider of the moment.
 *
 * Cannot throw into the application: what the SDK stumbles over costs the value, not the record.
 * Layer: logs. See `core/binding.ts` for why there is a facade.
 */
import {
  createNoopLogger,
  type Logger,
  type LoggerOptions,
  type LoggerProvider,
  type LogRecord,
} from '@opentelemetry/api';
import { Binding } from '../core/binding.ts';
import { degrade } from '../core/guard.ts';
import { readablePart, readProperty, readScalar } from '../core/readable-part.ts';
import { scopeArguments } from '../core/scope.ts';

/** Makes a logger provider whose loggers follow `binding`. */
export function createLoggerFacade(binding: Binding<LoggerProvider>): LoggerProvider {
  return {
    getLogger(name: string, version?: string, options?: LoggerOptions): Logger {
      const scope = scopeArguments<LoggerOptions>(name, version, options);
      return new LoggerFacade(binding.follow((provider) => provider.getLogger(...scope)));
    },
  };
}

/** A binding whose idle provider drops records. */
export function createLoggerBinding(): Binding<LoggerProvider> {
  return new Binding<LoggerProvider>({ getLogger: () => createNoopLogger() });
}

/** Where it is counted. */
const EMIT = 'logs.emit';

class LoggerFacade implements Logger {
  readonly #current: () => Logger;

  constructor(current: () => Logger) {
    this.#current = current;
  }

  emit(record: LogRecord): void {
    try {
      // A text is a list of its characters to the SDK: a megabyte of it would hold the program for half a second.
      if (typeof (record.attributes ?? record) !== 'object') throw new TypeError('no record or no attributes');
      this.#current().emit(record);
    } catch (cause) {
      degrade(EMIT, cause);
      this.#emitReadable(record);
    }
  }

  enabled(query?: Parameters<Logger['enabled']>[0]): boolean {
    try {
      return this.#current().enabled(query);
    } catch (cause) {
      degrade('logs.enabled', cause);
      return true;
    }
  }

  /** Once more without what may have failed: times, context and exception, and of the attributes only plain ones. */
  #emitReadable(record: unknown): void {
    if (typeof record !== 'object' || record === null) return;
    try {
      this.#current().emit(readableRecord(record));
    } catch (cause) {
      degrade(EMIT, cause);
    }
  }
}

function readableRecord(record: object): LogRecord {
  const scalar = (key: keyof LogRecord): unknown => readScalar(EMIT, record, key);
  return {
    body: readProperty(EMIT, record, 'body'),
    severityNumber: scalar('severityNumber'),
    severityText: scalar('severityText'),
    eventName: scalar('eventName'),
    attributes: readablePart(EMIT, readProperty(EMIT, record, 'attributes')),
  } as LogRecord;
}
