/**
 * The logger provider that sits in the API's global slot, in front of the SDK's provider of the moment.
 *
 * Layer: logs. See `core/binding.ts` for why.
 */
import { createNoopLogger, type Logger, type LoggerOptions, type LoggerProvider } from '@opentelemetry/api';
import { Binding } from '../core/binding.ts';

/** Makes a logger provider whose loggers follow `binding`. */
export function createLoggerFacade(binding: Binding<LoggerProvider>): LoggerProvider {
  return {
    getLogger(name: string, version?: string, options?: LoggerOptions): Logger {
      const current = binding.follow((provider) => provider.getLogger(name, version, options));
      return { emit: (record) => current().emit(record), enabled: (query) => current().enabled(query) };
    },
  };
}

/** A binding whose idle provider drops records. */
export function createLoggerBinding(): Binding<LoggerProvider> {
  return new Binding<LoggerProvider>({ getLogger: () => createNoopLogger() });
}
