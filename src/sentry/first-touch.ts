/**
 * Notices the moment a program first uses a Sentry of its own, without loading any of it.
 *
 * Every copy of `@sentry/core` keeps its state in the global object `__SENTRY__`, and none looks at it while it loads.
 * An accessor in its place is called by whatever the program does first: capture, set a tag, initialise.
 * Layer: sentry. Loaded at start-up, so it imports nothing.
 */

const CARRIER = '__SENTRY__';

/** Stack of whoever touches it: deep enough for a call through a few wrappers. */
const STACK_FRAMES = 30;

/**
 * @param react - called once, in the midst of the first touch, with the stack of that call; empty when Sentry was in
 *   use before. Must not throw
 * @returns takes the accessor away
 */
export function onFirstTouch(react: (stack: string) => void): () => void {
  if (Object.hasOwn(globalThis, CARRIER)) {
    react('');
    return () => undefined;
  }
  const get = (): unknown => {
    settle(undefined);
    react(stackOf(get));
    return carrier();
  };
  Object.defineProperty(globalThis, CARRIER, { configurable: true, enumerable: false, get, set: settle });
  return () => {
    if (Object.getOwnPropertyDescriptor(globalThis, CARRIER)?.get === get)
      delete (globalThis as Record<string, unknown>)[CARRIER];
  };
}

/** What the Sentry packages share; by version of the package. */
export function carrier(): Readonly<Record<string, unknown>> | undefined {
  return (globalThis as Record<string, unknown>)[CARRIER] as Readonly<Record<string, unknown>> | undefined;
}

/** A property as an assignment would have made it. */
function settle(value: unknown): void {
  Object.defineProperty(globalThis, CARRIER, { value, writable: true, configurable: true, enumerable: true });
}

/** Who called `callee`. */
function stackOf(callee: () => unknown): string {
  const { stackTraceLimit } = Error;
  const holder = { stack: '' };
  Error.stackTraceLimit = STACK_FRAMES;
  Error.captureStackTrace(holder, callee);
  Error.stackTraceLimit = stackTraceLimit;
  return holder.stack;
}
