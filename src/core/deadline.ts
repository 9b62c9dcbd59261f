/**
 * One time budget shared by every step of a flush, a shutdown or a request.
 *
 * Three steps with a timeout each add up; three steps that share a deadline do not.
 * Layer: core.
 */
import { type Clock, monotonicMillis } from './clock.ts';

/** Time left of one budget. */
export interface Deadline {
  /** Milliseconds left; 0 once expired, never negative. */
  remainingMillis(): number;
  readonly expired: boolean;
}

/**
 * Starts a time budget.
 *
 * @param budgetMillis - total budget in milliseconds; 0 is already expired
 * @param now - monotonic clock in milliseconds, replaced in tests
 * @throws RangeError if `budgetMillis` is negative or not a number
 */
export function createDeadline(budgetMillis: number, now: Clock = monotonicMillis): Deadline {
  if (!(budgetMillis >= 0)) throw new RangeError(`A deadline needs a budget of 0 ms or more, got ${budgetMillis}.`);
  const end = now() + budgetMillis;
  return {
    remainingMillis: () => Math.max(0, end - now()),
    get expired() {
      return now() >= end;
    },
  };
}

/** What became of work that raced a deadline. */
export type Raced<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly cause: unknown }
  | { readonly status: 'late' };

/**
 * Waits for `work` until the deadline, and never rejects.
 *
 * The timer holds the event loop open: an `await` at the top level of a program whose sockets are all unref'd would
 * otherwise end the process with exit code 13.
 */
export async function withinDeadline<T>(work: Promise<T>, deadline: Deadline): Promise<Raced<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Raced<T>>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'late' }), deadline.remainingMillis());
  });
  const settled = work.then(
    (value): Raced<T> => ({ status: 'done', value }),
    (cause: unknown): Raced<T> => ({ status: 'failed', cause }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
