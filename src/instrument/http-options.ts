/**
 * What the HTTP instrumentation is given.
 *
 * Layer: instrument.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { RequestsConfig } from '../config/config.ts';

/** Who receives the spans and metrics. Context manager and propagator are the global ones. */
export interface HttpOptions {
  readonly tracerProvider: TracerProvider;
  readonly meterProvider: MeterProvider;
  readonly requests: RequestsConfig;
  /** Asked first, for every incoming request. */
  readonly take?: TakeRequest | undefined;
  /** Told of the error behind an answer of 5xx, as far as it is known, while the span of the request is open. Must not throw. */
  readonly onServerError?: ((error: object, scope: Context) => void) | undefined;
}

/**
 * Takes a request away from the application: `true` says that it is being answered. Nobody else sees it then, and it
 * leaves no span, metric or request id. Must not throw.
 */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;
