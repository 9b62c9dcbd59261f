/**
 * Which telemetry a path is for.
 *
 * OTLP paths may have any prefix, as behind a gateway (`/otlp/v1/traces`), but not a second signal path: a doubled one
 * is a classic mistake that real servers answer with 404.
 * Layer: receiver.
 */
import type { ReceivedSignal } from './received.ts';

export interface Route {
  readonly signal: ReceivedSignal;
  /** Project of a Sentry path; empty for OTLP. */
  readonly project: string;
}

/** The route of a path, `undefined` for any other path. */
export function resolveRoute(path: string): Route | undefined {
  const envelope = /^\/api\/([^/]+)\/envelope\/?$/.exec(path);
  if (envelope) return { signal: 'envelopes', project: envelope[1] as string };
  const sentry = /^\/api\/([^/]+)\/integration\/otlp\/v1\/traces\/?$/.exec(path);
  if (sentry) return { signal: 'sentrySpans', project: sentry[1] as string };
  const otlp = /^(.*)\/v1\/(traces|metrics|logs)$/.exec(path);
  if (otlp === null || /\/v1\/(?:traces|metrics|logs)/.test(otlp[1] as string)) return undefined;
  return { signal: otlp[2] as 'traces' | 'metrics' | 'logs', project: '' };
}
