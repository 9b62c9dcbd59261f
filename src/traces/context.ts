/**
 * The context manager in the API's global slot: the official one, which hands out contexts only.
 *
 * Layer: traces.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { degrade } from '../core/guard.ts';
import { noteAbruptExit, noteEntry } from './abrupt-exit.ts';

/** Makes the context manager of one run. */
export function createContextManager(): AsyncLocalStorageContextManager {
  return new ContextManager().enable();
}

/** Whether a value can be used as a context, whichever copy of the API made it. Never throws. */
export function isContext(value: unknown): value is Context {
  try {
    return typeof (value as Context | null | undefined)?.getValue === 'function';
  } catch {
    return false;
  }
}

/** `context.with(anything, …)` is possible; everybody who asks for the active context would stumble over it. */
class ContextManager extends AsyncLocalStorageContextManager {
  override active(): Context {
    const active = super.active();
    if (isContext(active)) return active;
    degrade('context.active', 'what was made active is no Context');
    return ROOT_CONTEXT;
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    let hasReturned = false;
    noteEntry();
    // No catch: an error that is thrown again is shown at our line instead of the application's.
    try {
      const result = super.with(context, work, thisArg, ...args);
      hasReturned = true;
      return result;
    } finally {
      if (!hasReturned) noteAbruptExit(context);
    }
  }

  override bind<T>(context: Context, target: T): T {
    try {
      return super.bind(context, target);
    } catch (cause) {
      degrade('context.bind', cause);
      return target;
    }
  }
}
