/**
 * Switches the instrumentations on.
 *
 * Layer: run.
 */
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import { instrumentHttp } from '../instrument/http.ts';

/** Starts observing HTTP; a failure costs the spans, not the program. */
export function instrument(providers: { readonly trace: TracerProvider; readonly metrics: MeterProvider }): {
  stop(): void;
} {
  const idle = { stop: (): void => undefined };
  return guard(
    'instrument.http',
    () => instrumentHttp({ tracerProvider: providers.trace, meterProvider: providers.metrics }),
    idle,
  );
}
