/**
 * One error is one event, however many layers report it, as it is or wrapped into another.
 *
 * Layer: errors.
 */
import { errorChain, read } from './error-facts.ts';

interface Seen<R> {
  readonly owner: object | undefined;
  readonly report: R;
}

/** Remembers errors as long as somebody holds them. Values that are no objects cannot be told from their equals. */
export class SeenErrors<R> {
  readonly #seen = new WeakMap<object, Seen<R>>();

  /**
   * What was reported of an error, or of what it wraps.
   *
   * @param owner - the request it breaks: one object thrown in two requests is two events
   */
  reportOf(error: unknown, owner: object | undefined): R | undefined {
    return this.#find(error, owner, 0);
  }

  /** Remembers an error, and everything it wraps. */
  remember(error: unknown, owner: object | undefined, report: R): void {
    for (const each of errorChain(error)) if (isObject(each)) this.#seen.set(each, { owner, report });
  }

  #find(error: unknown, owner: object | undefined, depth: number): R | undefined {
    if (!isObject(error) || depth > MAX_DEPTH) return undefined;
    const seen = this.#seen.get(error);
    if (seen !== undefined && isSameOwner(seen.owner, owner)) return seen.report;
    const cause = this.#find(read(error, 'cause'), owner, depth + 1);
    return cause ?? this.#findAll(read(error, 'errors'), owner, depth + 1);
  }

  /** An aggregate is old only if all of it is. */
  #findAll(errors: unknown, owner: object | undefined, depth: number): R | undefined {
    const parts = errors === undefined ? [] : listOf(errors);
    const reports = parts.map((each) => this.#find(each, owner, depth));
    return reports.every((each) => each !== undefined) ? reports[0] : undefined;
  }
}

const MAX_DEPTH = 5;

/** Something outside of requests, such as a crash, may report what broke a request. */
function isSameOwner(known: object | undefined, owner: object | undefined): boolean {
  return known === undefined || owner === undefined || known === owner;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function listOf(value: unknown): readonly unknown[] {
  try {
    return Array.isArray(value) ? value.slice(0, 10) : [];
  } catch {
    return [];
  }
}
