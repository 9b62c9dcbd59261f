/**
 * What is done to the parts of an application's own Sentry so that it fits in with OpenTelemetry.
 *
 * Layer: sentry. Loaded when an application first uses Sentry.
 */
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Client } from '@sentry/core';
import { degrade } from '../core/guard.ts';
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
