/**
 * Timers that never keep a process alive, passed as an argument so that tests run on a virtual clock.
 *
 * Layer: delivery.
 */

/** Runs `work` once after `delayMillis`; returns a function that cancels it. */
export type Timer = (work: () => void, delayMillis: number) => () => void;

/** The longest delay Node.js can hold; anything above fires at once. */
const MAX_DELAY_MILLIS = 2 ** 31 - 1;

/** The event loop's timer, unref'd. */
export const loopTimer: Timer = (work, delayMillis) => {
  const timer = setTimeout(work, Math.min(delayMillis, MAX_DELAY_MILLIS));
  timer.unref();
  return () => clearTimeout(timer);
};
