/**
 * The scope that an error has just left: when the process hears of an uncaught error, its scope is not active any more.
 *
 * Which error it was is not known: to catch it would change what Node.js prints of it. So this is only asked when an
 * error turns out to be uncaught, and forgotten when a scope is entered and at the end of the turn.
 * Layer: traces.
 */
import type { Context } from '@opentelemetry/api';

let left: Context | undefined;
let forgetting: NodeJS.Immediate | undefined;

/** Notes that a scope was left by an error; of several around it, the innermost is kept. Never throws. */
export function noteAbruptExit(scope: Context): void {
  left ??= scope;
  // Not at the end of the tick: an error at the top of an ES module becomes known some microtasks later.
  forgetting ??= setImmediate(forget).unref();
}

/** Forgets it: whoever enters a scope has not failed. Never throws. */
export function noteEntry(): void {
  left = undefined;
}

/** Takes the scope that an error has left in this turn; undefined if none has. */
export function takeAbruptExit(): Context | undefined {
  const taken = left;
  left = undefined;
  return taken;
}

function forget(): void {
  left = undefined;
  forgetting = undefined;
}
