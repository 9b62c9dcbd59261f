/**
 * Spans on their way to Sentry's OTLP endpoint: one more cursor on the log of spans, behind a filter.
 *
 * Layer: sentry. Loaded at start-up when there is a DSN.
 */
import type { OtlpDestination, SentryConfig } from '../config/config.ts';
import type { SpanSelection } from '../outputs/otlp.ts';
import { sentryTracesDestination } from './otlp-destination.ts';
import { SentrySpanFilter } from './span-filter.ts';

/** What a span processor needs, to have Sentry among its destinations. */
export interface SentrySpans extends SpanSelection {
  readonly destination: OtlpDestination;
}

/** `undefined`: Sentry gets no spans this way. A share of 0 is none at all, whatever rules and errors say. */
export function createSentrySpans(config: SentryConfig): SentrySpans | undefined {
  if (config.traces !== 'otlp' || config.tracesSampleRate === 0) return undefined;
  const destination = sentryTracesDestination(config);
  let filter: SentrySpanFilter | undefined;
  return {
    destination,
    filterOf: (asked, settle) => {
      if (asked !== destination) return undefined;
      filter = new SentrySpanFilter({ config, settle });
      return filter;
    },
    started: (span, parentContext) => filter?.started(span, parentContext),
    decideAll: () => filter?.decideAll(),
  };
}
