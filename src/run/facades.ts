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
import type { ProviderSlots } from './globals.ts';

/** Where the facades point; nowhere until `start()`. */
const bindings: {
  readonly trace: Binding<TracerProvider>;
  readonly metrics: Binding<MeterProvider>;
  readonly logs: Binding<LoggerProvider>;
} = { trace: createTracerBinding(), metrics: createMeterBinding(), logs: createLoggerBinding() };

/** One per process: tracers, loggers and instruments taken from them stay good across restarts. */
export const facades: ProviderSlots = {
  trace: createTracerFacade(bindings.trace),
  metrics: createMeterFacade(bindings.metrics),
  logs: createLoggerFacade(bindings.logs),
};

/** Points the facades at the providers of a run. */
export function bindAll(providers: ProviderSlots): void {
  bindings.trace.bind(providers.trace);
  bindings.metrics.bind(providers.metrics);
  bindings.logs.bind(providers.logs);
}

/** Points the facades at nothing. */
export function releaseAll(): void {
  for (const binding of Object.values(bindings)) binding.release();
}
