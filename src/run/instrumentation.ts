/**
 * Switches the instrumentations on.
 *
 * Layer: run.
 */
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import type { RequestsConfig } from '../config/config.ts';
import { type Instrumentation, instrumentHttp } from '../instrument/http.ts';
import type { TakeRequest } from '../instrument/http-options.ts';

/**
 * Starts observing HTTP; a failure costs the spans, not the program.
 *
 * @param take - answers requests that are telemetry's own business on servers of the application
 */
export function instrument(
  providers: { readonly trace: TracerProvider; readonly metrics: MeterProvider },
  requests: RequestsConfig,
  take: TakeRequest | undefined,
): Instrumentation {
  const options = { tracerProvider: providers.trace, meterProvider: providers.metrics, requests, take };
  return guard('instrument.http', () => instrumentHttp(options), { stop: () => undefined });
}
