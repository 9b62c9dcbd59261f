/**
 * What the HTTP instrumentation is given.
 *
 * Layer: instrument.
 */
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** Who receives the spans and metrics. Context manager and propagator are the global ones. */
export interface HttpOptions {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
}
