/**
 * A token bucket: so many in a second, and after a pause as many at once.
 *
 * Layer: traces.
 */
import type { Clock } from '../core/clock.ts';

/** Whether there is a token, which is then used up. */
export type RateLimit = () => boolean;

/**
 * Makes a bucket, which is full at first. It holds what comes in a second, at least one token, so that a rate below 1
 * works too.
 *
 * @param perSecond - 0 or more; 0 is never
 */
export function createRateLimit(perSecond: number, now: Clock): RateLimit {
  const capacity = perSecond === 0 ? 0 : Math.max(1, perSecond);
  let tokens = capacity;
  let filledAt = now();
  return () => {
    const at = now();
    tokens = Math.min(capacity, tokens + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
