/**
 * What is done to the parts of an application's own Sentry so that it fits in with OpenTelemetry.
 *
 * Layer: sentry. Loaded when an application first uses Sentry.
 */
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Client } from '@sentry/core';
import type { SentryConfig } from '../config/config.ts';
import { degrade } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import { carrier } from './first-touch.ts';
import type { SentryPackage } from './installed-sentry.ts';

/**
 * One of the application that is switched off stays so, for that is its will; without a DSN, or one of ours that the
 * application has closed, somebody else has to send.
 */
export function canSend(client: Client, isTheirs: boolean): boolean {
  return client.getDsn() !== undefined && (isTheirs || client.getOptions().enabled !== false);
}

/** Requests to Sentry are none of the application's; traced, each would be a span that is sent to Sentry. */
export function suppressItsRequests(client: Client): void {
  const transport = client.getTransport();
  if (transport === undefined) return;
  const send = transport.send.bind(transport);
  transport.send = (envelope) => context.with(suppressTracing(context.active()), () => send(envelope));
}

/**
 * Two sets of spans for one request would be charged twice, and have different ids.
 *
 * @param config - ours; `undefined` without a DSN
 */
export function leaveSpansToUs(client: Client, config: SentryConfig | undefined): void {
  const options: SpanOptions = client.getOptions();
  const rate = options.tracesSampleRate ?? undefined;
  if (rate === undefined && options.tracesSampler === undefined) return;
  const isOurs = config !== undefined && config.traces !== 'off';
  if (isOurs) {
    // The options of a client are read whenever a span begins.
    delete options.tracesSampleRate;
    delete options.tracesSampler;
    if (options.profileLifecycle === 'trace') tellUnprofiled();
  }
  // From the same variable, which is ours as well.
  if (isOurs && rate === config.tracesSampleRate) return;
  notify({
    code: 'DUOTEL_CONFIG_CONFLICT',
    key: 'sentry.traces',
    message: isOurs
      ? 'Sentry.init() of the application asks for spans of its own; they are off, because Sentry receives those of OpenTelemetry. Leave out tracesSampleRate and tracesSampler; SENTRY_TRACES_SAMPLE_RATE sets the share.'
      : 'Sentry.init() of the application makes spans of its own beside those of OpenTelemetry, with other ids. Leave out tracesSampleRate and tracesSampler, and set SENTRY_DSN to have the spans of OpenTelemetry in Sentry.',
  });
}

/** The profiler reads its share when `init()` sets it up, which is after this. */
export function shareProfilesRate(client: Client, config: SentryConfig | undefined): void {
  const options: SpanOptions = client.getOptions();
  if (config !== undefined && config.profilesSampleRate > 0)
    options.profileSessionSampleRate ??= config.profilesSampleRate;
}

/** The options about spans, and of `@sentry/node` those about profiles. */
type SpanOptions = ReturnType<Client['getOptions']> & {
  readonly profileLifecycle?: 'manual' | 'trace';
  profileSessionSampleRate?: number;
};

function tellUnprofiled(): void {
  notify({
    code: 'DUOTEL_SENTRY_UNPROFILED',
    message:
      "Sentry.init() of the application has profileLifecycle: 'trace', which profiles while spans of Sentry last, and these are off. Use 'manual' and call Sentry.profiler.startProfiler().",
  });
}

/** Errors, log lines and check-ins of Sentry get the ids of the span they happen in. */
export function registerIds(sentry: SentryPackage): void {
  const shared = carrier()?.[sentry.SDK_VERSION];
  if (typeof shared !== 'object' || shared === null) return degrade('sentry.link', 'no carrier');
  // What `openTelemetryIntegration()` does; that one asks the application's copy of the API, which may be none of ours.
  (shared as { externalPropagationContextProvider?: unknown }).externalPropagationContextProvider = activeIds;
}

function activeIds(): { traceId: string; spanId: string } | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return undefined;
  return { traceId: spanContext.traceId, spanId: spanContext.spanId };
}
