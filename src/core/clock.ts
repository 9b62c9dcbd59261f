/**
 * Clocks, passed as arguments so that tests replace time instead of waiting for it.
 *
 * Layer: core.
 */

/** Reads milliseconds. */
export type Clock = () => number;

/** Monotonic milliseconds since the process started; never jumps, so deadlines are measured with it. */
export const monotonicMillis: Clock = () => performance.now();

/** Milliseconds since the Unix epoch; may jump, so it only labels what people read. */
export const epochMillis: Clock = () => Date.now();
