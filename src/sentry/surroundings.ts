/**
 * What metrics, logs and check-ins say of the place and time they were made in.
 *
 * Layer: sentry.
 */
import { isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import { SDK } from './sdk.ts';
import type { SinkIdentity } from './sink.ts';

export interface SentryTrace {
  readonly traceId: string;
  readonly spanId: string | undefined;
}

export interface Surroundings {
  /** Seconds since 1970. */
  seconds(): number;
  /** The trace in progress, or of `span`; outside of any, one that stands for this run of the process. */
  trace(span?: SpanContext): SentryTrace;
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/**
 * @param createId - 32 hexadecimal digits, anew each time
 * @param now - milliseconds since 1970
 */
export function createSurroundings(
  { environment, release, serverName }: SinkIdentity,
  createId: () => string,
  now: () => number = Date.now,
): Surroundings {
  let ownTraceId: string | undefined;
  return {
    seconds: () => now() / 1000,
    trace(span = trace.getActiveSpan()?.spanContext()) {
      if (span !== undefined && isSpanContextValid(span)) return { traceId: span.traceId, spanId: span.spanId };
      ownTraceId ??= createId();
      return { traceId: ownTraceId, spanId: undefined };
    },
    attributes: {
      'sentry.environment': environment,
      'sentry.release': release,
      'sentry.sdk.name': SDK.name,
      'sentry.sdk.version': SDK.version,
      'server.address': serverName,
    },
  };
}
