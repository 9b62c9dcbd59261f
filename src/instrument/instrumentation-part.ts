/**
 * The official `Instrumentation` interface, structurally: any version of it will do.
 *
 * Layer: instrument.
 */
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';

/** What every official instrumentation can do. */
export interface InstrumentationPart {
  readonly instrumentationName: string;
  readonly instrumentationVersion?: string;
  setTracerProvider(provider: TracerProvider): void;
  setMeterProvider(provider: MeterProvider): void;
  /** Missing in the oldest versions. */
  setLoggerProvider?(provider: LoggerProvider): void;
  getConfig(): { readonly enabled?: boolean };
  enable(): void;
  disable(): void;
  /** Missing in the oldest versions. */
  getModuleDefinitions?(): readonly { readonly name: string }[];
}

/** Who receives what instrumentations record: facades, which outlive a shutdown. */
export interface Providers {
  readonly trace: TracerProvider;
  readonly metrics: MeterProvider;
  readonly logs: LoggerProvider;
}

/**
 * Points an instrumentation at our providers.
 *
 * Also instruments made in the constructor are made again: fields of `instrumentation-openai` 0.22 wipe those, and
 * every call of the application would fail.
 */
export function connect(part: InstrumentationPart, providers: Providers): void {
  part.setTracerProvider(providers.trace);
  part.setMeterProvider(providers.metrics);
  part.setLoggerProvider?.(providers.logs);
}
