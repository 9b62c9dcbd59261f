/**
 * The HTTP metrics of the semantic conventions.
 *
 * Layer: instrument. Instruments are made with the first traffic, after the providers are in place.
 */
import type { Attributes, Histogram, MeterProvider, ObservableResult } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { VERSION } from '../core/version.ts';

/** Bounds in seconds; semantic conventions for HTTP metrics. */
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Makes `http.server.request.duration` or `http.client.request.duration`, in seconds. */
export function createDurationHistogram(provider: MeterProvider, scope: string, side: 'server' | 'client'): Histogram {
  return provider.getMeter(scope, VERSION).createHistogram(`http.${side}.request.duration`, {
    description: `Duration of HTTP ${side} requests.`,
    unit: 's',
    valueType: ValueType.DOUBLE,
    advice: { explicitBucketBoundaries: DURATION_BOUNDS },
  });
}

/** Scope of the server's spans and metrics. */
export const SERVER_SCOPE = 'duotel/http';

/** Bounds in bytes; the conventions name none. */
const SIZE_BOUNDS = [0, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/** Makes `http.server.request.body.size` or `http.server.response.body.size`, in bytes. */
export function createBodySizeHistogram(provider: MeterProvider, body: 'request' | 'response'): Histogram {
  return provider.getMeter(SERVER_SCOPE, VERSION).createHistogram(`http.server.${body}.body.size`, {
    description: `Size of HTTP server ${body} bodies.`,
    unit: 'By',
    valueType: ValueType.INT,
    advice: { explicitBucketBoundaries: SIZE_BOUNDS },
  });
}

/** How many requests with the same attributes are under way. */
export interface ActiveCount {
  value: number;
  readonly attributes: Attributes;
}

/** The counts behind `http.server.active_requests`. */
export interface ActiveRequests {
  /** The count to raise when a request starts and to lower when it ends. */
  count(method: string, scheme: string): ActiveCount;
  stop(): void;
}

/**
 * Makes `http.server.active_requests`.
 *
 * Observed when metrics are collected instead of recorded twice per request: the same series for a fraction of the
 * cost.
 */
export function createActiveRequests(provider: MeterProvider, scope: string): ActiveRequests {
  const counts = new Map<string, ActiveCount>();
  const observe = (result: ObservableResult): void => {
    for (const { value, attributes } of counts.values()) result.observe(value, attributes);
  };
  const instrument = provider.getMeter(scope, VERSION).createObservableUpDownCounter('http.server.active_requests', {
    description: 'Number of active HTTP server requests.',
    unit: '{request}',
    valueType: ValueType.INT,
  });
  instrument.addCallback(observe);
  return {
    count(method, scheme) {
      const key = `${scheme} ${method}`;
      let count = counts.get(key);
      if (count === undefined) {
        count = { value: 0, attributes: { 'http.request.method': method, 'url.scheme': scheme } };
        counts.set(key, count);
      }
      return count;
    },
    stop: () => instrument.removeCallback(observe),
  };
}
