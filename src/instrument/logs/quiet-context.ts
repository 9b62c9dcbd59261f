/**
 * The context in which a record is made: that of the line, marked so that nothing that is logged or traced in it, or later
 * because of it, is observed.
 *
 * The context of the API copies a Map for every value set, which would be a tenth of the cost of a record.
 * Layer: instrument.
 */
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

const QUIET = createContextKey('duotel quiet');
const MARKS = suppressTracing(ROOT_CONTEXT).setValue(QUIET, true);

/** Whether a record is being made there, or this comes of one. */
export function isQuiet(scope: Context): boolean {
  return scope.getValue(QUIET) === true;
}

/** A context with these marks above the values of `parent`. */
export class QuietContext implements Context {
  readonly #parent: Context;

  constructor(parent: Context) {
    this.#parent = parent;
  }

  getValue(key: symbol): unknown {
    return MARKS.getValue(key) ?? this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#copy().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#copy().deleteValue(key);
  }

  #copy(): Context {
    return suppressTracing(this.#parent).setValue(QUIET, true);
  }
}
