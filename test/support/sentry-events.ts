/**
 * What a receiver has got of Sentry's events, in the shape tests ask for.
 */
import type { Event } from '@sentry/core';
import type { Receiver } from '../../src/testing.ts';

/** Installed beside the application: Sentry's packages too. */
export const WITH_SENTRY: readonly string[] = ['@opentelemetry', '@sentry', 'api-1-9'];

/**
 * The error events, oldest first, each id once as in Sentry: a request that was under way when the process ended is sent
 * again.
 */
export function eventsOf(receiver: Receiver): readonly Event[] {
  return onceEach(receiver.envelopeItems('event') as Event[]);
}

/** The same for transactions. */
export function transactionsOf(receiver: Receiver): readonly Event[] {
  return onceEach(receiver.envelopeItems('transaction') as Event[]);
}

function onceEach(events: readonly Event[]): readonly Event[] {
  return [...new Map(events.map((event) => [event.event_id, event])).values()];
}

/** The message of the error an event is about. */
export function messageOf(event: Event): string {
  return event.exception?.values?.at(-1)?.value ?? '';
}

/** Trace and span of an event. */
export function idsOf({ contexts }: Event): { readonly traceId: unknown; readonly spanId: unknown } {
  return { traceId: contexts?.trace?.trace_id, spanId: contexts?.trace?.span_id };
}
