/**
 * The user's last word about an event, before the redactor's.
 *
 * Layer: sentry. Loaded at start-up when `start()` was given such a hook, so that one that cannot be used is told there.
 */
import type { Event } from '@sentry/core';
import { leaveOut, UserPart } from '../core/user-part.ts';

/** Decides about an event; `null` gives it up. Never throws. */
export type BeforeSend = (event: Event, error: unknown) => Event | null;

const NAME = 'errors.beforeSend';

/**
 * The hook behind its guard; `undefined`, with a line, if it is no function.
 *
 * Only `null` drops: a hook that throws, returns a promise or forgets to return costs its own changes, and not the error.
 */
export function createBeforeSend(given: unknown): BeforeSend | undefined {
  if (typeof given !== 'function') {
    leaveOut(NAME, 'not a function');
    return undefined;
  }
  const part = new UserPart(NAME, 'The event is sent as it is.');
  let isRunning = false;
  return (event, error) => {
    // What the hook itself gives to Sentry would come here again, for ever.
    if (isRunning) return event;
    isRunning = true;
    try {
      const answer: unknown = given(event, { originalException: error });
      return answer === null ? null : acceptAnswer(answer, event, part);
    } catch (cause) {
      part.failed(cause);
      return event;
    } finally {
      isRunning = false;
    }
  };
}

/** May throw: the answer can be anything. */
function acceptAnswer(answer: unknown, { event_id, type }: Event, part: UserPart): Event {
  part.watch(answer);
  if (typeof answer !== 'object' || answer === null || 'then' in answer)
    throw new TypeError('it returned neither an event nor null');
  // The id is known already: it is what `captureError()` returns.
  return { ...(answer as Event), ...(event_id !== undefined && { event_id }), type };
}
