/**
 * What sits in the API's global slots for the whole life of the process, and the bindings that point it somewhere.
 *
 * Layer: run. See `core/binding.ts`.
 */
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Binding } from '../core/binding.ts';
import { createLoggerBinding, createLoggerFacade } from '../logs/facade.ts';
import { createMeterBinding, createMeterFacade } from '../metrics/facade.ts';
import { createTracerBinding, createTracerFacade } from '../traces/facade.ts';

/** Where the facades point; nowhere until `start()`. */
export const bindings: {
  readonly trace: Binding<TracerProvider>;
  readonly metrics: Binding<MeterProvider>;
  readonly logs: Binding<LoggerProvider>;
} = { trace: createTracerBinding(), metrics: createMeterBinding(), logs: createLoggerBinding() };

/** One per process: tracers, loggers and instruments taken from them stay good across restarts. */
export const facades: {
  readonly trace: TracerProvider;
  readonly metrics: MeterProvider;
  readonly logs: LoggerProvider;
} = {
  trace: createTracerFacade(bindings.trace),
  metrics: createMeterFacade(bindings.metrics),
  logs: createLoggerFacade(bindings.logs),
};
