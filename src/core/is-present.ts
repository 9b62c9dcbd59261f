/**
 * Leaves out what is not there.
 *
 * Layer: core.
 */

/** Whether a value is neither `undefined` nor `null`; for `filter()`. */
export function isPresent<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}
