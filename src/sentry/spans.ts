/**
 * Spans on their way to Sentry's OTLP endpoint: one more cursor on the log of spans, behind a filter.
 *
 * Layer: sentry. Loaded at start-up when there is a DSN; the filter, which needs the SDK, with the first span.
 */
import { createRequire } from 'node:module';
import type { OtlpDestination, SentryConfig } from '../config/config.ts';
import type { SettleHeld } from '../outputs/item-processor.ts';
import type { SpanSelection } from '../outputs/otlp.ts';
import { sentryTracesDestination } from './otlp-destination.ts';
import type * as spanFilterModule from './span-filter.ts';
import type { SentrySpanFilter } from './span-filter.ts';

const load = createRequire(import.meta.url);

/** What a span processor needs, to have Sentry among its destinations. */
export interface SentrySpans extends SpanSelection {
  readonly destination: OtlpDestination;
}

/** `undefined`: Sentry gets no spans this way. A share of 0 is none at all, whatever rules and errors say. */
export function createSentrySpans(config: SentryConfig): SentrySpans | undefined {
  if (config.traces !== 'otlp' || config.tracesSampleRate === 0) return undefined;
  const destination = sentryTracesDestination(config);
  let open: (() => SentrySpanFilter) | undefined;
  let filter: SentrySpanFilter | undefined;
  return {
    destination,
    filterOf: (asked, settle) => {
      if (asked !== destination) return undefined;
      const made = (): SentrySpanFilter => (filter ??= createFilter(config, settle));
      open = made;
      return { isFor: (span) => made().isFor(span), hold: (span, held) => made().hold(span, held) };
    },
    started: (span, parentContext) => open?.().started(span, parentContext),
    decideAll: () => filter?.decideAll(),
  };
}

function createFilter(config: SentryConfig, settle: SettleHeld): SentrySpanFilter {
  const { SentrySpanFilter } = load('./span-filter.ts') as typeof spanFilterModule;
  return new SentrySpanFilter({ config, settle });
}
