/**
 * A value that is made when it is first needed, which may be never.
 *
 * Layer: core.
 */

/** Makes its value once. */
export interface Once<T> {
  /** `undefined` until {@link get} was called. */
  readonly made: T | undefined;
  get(): T;
}

/** Makes a value when it is first asked for; again, if making it threw. */
export function once<T extends object>(make: () => T): Once<T> {
  let made: T | undefined;
  return {
    get made() {
      return made;
    },
    get: () => (made ??= make()),
  };
}
