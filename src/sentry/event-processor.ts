/**
 * Gives the events of an application's own Sentry what every captured error has: classification, tags, request, trace.
 *
 * Layer: sentry. Loaded when an application first uses Sentry.
 */
import type { Event, EventHint } from '@sentry/core';
import { guard } from '../core/guard.ts';
import type { CapturedError } from '../errors/captured-error.ts';
import { redactJson } from '../encode/redact-json.ts';
import { currentRequest } from '../request/request-context.ts';
import type { BeforeSend } from './before-send.ts';
import { aboutError, aboutRequest, contextsOf } from './event.ts';

/** Under this key the hint of an event carries the error it was made of. */
export const CAPTURED = 'duotel.captured';

/**
 * Captures an error that the application gave to Sentry itself, for everything but Sentry; `held`: it is not to be sent,
 * because it was before, is ignored, or is one of too many.
 */
export type DescribeError = (error: unknown) => CapturedError | 'held' | undefined;

export interface EventProcessorInput {
  readonly describe: DescribeError;
  /** Whether the application has Sentry collect breadcrumbs; then ours would be the same ones again. */
  readonly hasBreadcrumbs: boolean;
  /** The user's, asked about errors and messages. */
  readonly beforeSend: BeforeSend | undefined;
  /** Called when the user drops an event. */
  readonly onDropped: () => void;
}

/** The processor; `null` gives an event up. Never throws. */
export function createEventProcessor(input: EventProcessorInput): (event: Event, hint: EventHint) => Event | null {
  return (event, hint) => {
    // Transactions, feedback, …; an error has no type.
    if (event.type !== undefined) return event;
    const completed = guard('sentry.event', () => complete(event, hint, input), event);
    if (completed === null) return null;
    const kept = input.beforeSend === undefined ? completed : input.beforeSend(completed, hint.originalException);
    if (kept === null) {
      input.onDropped();
      return null;
    }
    return redacted(kept);
  };
}

/** What an event says of the program; the rest is Sentry's own, and not always data. */
const PARTS = [
  'message',
  'logentry',
  'exception',
  'transaction',
  'breadcrumbs',
  'request',
  'tags',
  'user',
  'extra',
  'contexts',
] as const;

/** Here, because the client of an application has its own way out of the process. */
function redacted(event: Event): Event {
  const given = PARTS.filter((name) => event[name] !== undefined).map((name) => [name, event[name]]);
  return { ...event, ...(redactJson(Object.fromEntries(given)) as Partial<Event>) };
}

function complete(event: Event, hint: EventHint, { describe, hasBreadcrumbs }: EventProcessorInput): Event | null {
  const ours = (hint.data as Readonly<Record<string, unknown>> | undefined)?.[CAPTURED] as CapturedError | undefined;
  if (ours !== undefined) return merge(event, ours, { isOurs: true, hasBreadcrumbs });
  // A message may have an exception for the sake of its stack.
  const isError = event.exception !== undefined && event.message === undefined && event.logentry === undefined;
  if (!isError) return withRequest(event);
  const theirs = describe(hint.originalException);
  if (theirs === 'held') return null;
  return theirs === undefined ? withRequest(event) : merge(event, theirs, { isOurs: false, hasBreadcrumbs });
}

interface Origin {
  /** Captured by us: what its hints say goes before what is set on scopes. */
  readonly isOurs: boolean;
  readonly hasBreadcrumbs: boolean;
}

function merge(event: Event, captured: CapturedError, { isOurs, hasBreadcrumbs }: Origin): Event {
  const about = aboutError(captured);
  const kept = hasBreadcrumbs && event.breadcrumbs !== undefined;
  const breadcrumbs = kept ? event.breadcrumbs : [...(about.breadcrumbs ?? []), ...(event.breadcrumbs ?? [])];
  return {
    ...about,
    ...event,
    ...(isOurs && { level: about.level, fingerprint: about.fingerprint, transaction: about.transaction }),
    // Of a request, only its own context is believed: the scope that is active may be another's.
    ...(about.request !== undefined && { request: about.request }),
    tags: isOurs ? { ...event.tags, ...about.tags } : { ...about.tags, ...event.tags },
    user: { ...event.user, ...about.user },
    extra: { ...event.extra, ...about.extra },
    contexts: { ...event.contexts, ...contextsOf(captured) },
    breadcrumbs: (breadcrumbs ?? []).toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)),
  };
}

/** Messages belong to their request too. */
function withRequest(event: Event): Event {
  const request = currentRequest();
  if (request === undefined) return event;
  const about = aboutRequest(request.snapshot());
  return {
    ...event,
    ...about,
    tags: { request_id: request.id, ...event.tags },
    user: { ...event.user, ...about.user },
  };
}
