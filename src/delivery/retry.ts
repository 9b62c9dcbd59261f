/**
 * When to try again: jittered exponential delays, the server's own wishes, and an end.
 *
 * Layer: delivery. Source: OTLP specification, “exponential backoff with jitter” and “Retry-After”.
 */
import type { Timer } from './timer.ts';

/** First delay after a success. */
export const FIRST_DELAY_MILLIS = 1000;
/** First delay of a drain, when a second is most of the time there is. */
export const FIRST_DRAIN_DELAY_MILLIS = 100;
/** Short enough that a destination that is back is noticed within a quarter of a minute. */
const MAX_DELAY_MILLIS = 12_000;
const FACTOR = 2;
/** Delays vary by this part to either side, so that processes do not come back all at once. */
const JITTER = 0.2;

/** A server that asks for more is asked again after this. */
const MAX_RETRY_AFTER_MILLIS = 600_000;

/**
 * How long one request is tried for before another gets a turn. Time the server asked to wait does not count.
 *
 * Long, because what waits behind is bounded in bytes: giving up early loses data without need.
 */
export const RETRY_BUDGET_MILLIS = 300_000;

/** Delays that grow with each failure in a row at one destination. */
export interface Backoff {
  nextMillis(): number;
  /** Starts over, after a success. */
  reset(): void;
}

/**
 * @param firstMillis - delay after the first failure, before jitter
 * @param random - uniform in [0, 1), replaced in tests
 */
export function createBackoff(firstMillis: number, random: () => number): Backoff {
  let failures = 0;
  return {
    nextMillis: () => {
      const delayMillis = Math.min(MAX_DELAY_MILLIS, firstMillis * FACTOR ** failures);
      failures += 1;
      return delayMillis * (1 - JITTER + 2 * JITTER * random());
    },
    reset: () => void (failures = 0),
  };
}

/** The delay to honour for a `Retry-After`, in milliseconds. */
export function boundedRetryAfter(retryAfterMillis: number): number {
  return Math.min(retryAfterMillis, MAX_RETRY_AFTER_MILLIS);
}

/** A wait that can be cut short. */
export interface Pause {
  /** Resolves after `delayMillis`, or with {@link wake}. */
  wait(delayMillis: number): Promise<void>;
  wake(): void;
}

export function createPause(timer: Timer): Pause {
  let wake = (): void => undefined;
  return {
    wait: (delayMillis) =>
      new Promise((resolve) => {
        const cancel = timer(resolve, delayMillis);
        wake = () => {
          cancel();
          resolve();
        };
      }),
    wake: () => wake(),
  };
}
