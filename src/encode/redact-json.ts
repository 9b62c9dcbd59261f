/**
 * Redaction of plain values: events, breadcrumbs and contexts that leave as JSON.
 *
 * Layer: encode.
 */
import { degrade } from '../core/guard.ts';
import { currentRedactor, REDACTED, type Redactor } from './redact.ts';
import { announcesNext, isNamedPair } from './redact-neighbours.ts';

/** How much of a value is looked at; what is beyond is left out. */
export interface JsonBounds {
  /** Lists and maps within each other. Default: 20. */
  readonly maxDepth?: number;
  /** Values in all. Default: 10 000. */
  readonly maxValues?: number;
  /** Characters of one text. Default: 100 000. */
  readonly maxTextLength?: number;
}

/** Stands for what is beyond a bound; also ends circular values. */
export const TRUNCATED = '[truncated]';

/**
 * A copy of `value` fit for JSON, without secrets. Never throws, and never changes what it was given.
 *
 * Keys that announce a secret keep their shape: in lists and maps under them every text and number is replaced. What
 * JSON does not know (functions, symbols) is left out; dates, errors and others with `toJSON()` are what that returns;
 * a BigInt is text. With redaction off the copy is only bounded.
 */
export function redactJson<T>(value: T, bounds: JsonBounds = {}): T {
  const { maxDepth = 20, maxValues = 10_000, maxTextLength = 100_000 } = bounds;
  const copier = new JsonCopier(currentRedactor(), { maxDepth, maxValues, maxTextLength });
  try {
    return copier.copy('', value, { depth: 0, isSecret: false }) as T;
  } catch (cause) {
    degrade('redact.json', cause);
    return TRUNCATED as T;
  }
}

interface Place {
  readonly depth: number;
  readonly isSecret: boolean;
}

class JsonCopier {
  readonly #redactor: Redactor | undefined;
  readonly #bounds: Required<JsonBounds>;
  #values = 0;

  constructor(redactor: Redactor | undefined, bounds: Required<JsonBounds>) {
    this.#redactor = redactor;
    this.#bounds = bounds;
  }

  copy(key: string, given: unknown, place: Place): unknown {
    this.#values += 1;
    switch (typeof given) {
      case 'string':
        return this.#text(key, given, place.isSecret);
      case 'number':
        return this.#redactor !== undefined && place.isSecret ? this.#redactor.secret() : given;
      case 'bigint':
        return this.#text(key, String(given), place.isSecret);
      case 'object':
        return given === null ? null : this.#object(key, given, place);
      case 'boolean':
        return given;
      default:
        return undefined;
    }
  }

  #text(key: string, given: string, isSecret: boolean): string {
    const { maxTextLength } = this.#bounds;
    const text = given.length > maxTextLength ? `${given.slice(0, maxTextLength)}…` : given;
    const redactor = this.#redactor;
    if (redactor === undefined) return text;
    return redactor.text(isSecret ? 'secret' : redactor.treatment(key), key, text);
  }

  #object(key: string, given: object, { depth, isSecret }: Place): unknown {
    if (depth >= this.#bounds.maxDepth) return TRUNCATED;
    try {
      const { toJSON } = given as { readonly toJSON?: unknown };
      if (typeof toJSON === 'function') {
        const plain: unknown = toJSON.call(given, key);
        return plain === given ? TRUNCATED : this.copy(key, plain, { depth: depth + 1, isSecret });
      }
      const inner = { depth: depth + 1, isSecret };
      return Array.isArray(given) ? this.#list(key, given, inner) : this.#map(given, inner);
    } catch (cause) {
      degrade('redact.json', cause);
      return REDACTED;
    }
  }

  #list(key: string, given: readonly unknown[], place: Place): unknown[] {
    const copy: unknown[] = [];
    let isAnnounced = false;
    for (const item of given) {
      if (this.#isFull()) {
        copy.push(TRUNCATED);
        break;
      }
      copy.push(this.copy(key, item, isAnnounced ? { ...place, isSecret: true } : place) ?? null);
      isAnnounced = announcesNext(item, given.length, this.#redactor);
    }
    return copy;
  }

  #map(given: object, place: Place): object {
    const copy: Record<string, unknown> = {};
    const isNamed = isNamedPair(given, this.#redactor);
    for (const name of Object.keys(given)) {
      if (this.#isFull()) break;
      const treatment = this.#redactor?.treatment(name);
      const isSecret =
        treatment !== 'keep' && (place.isSecret || treatment === 'secret' || (isNamed && name === 'value'));
      const value = this.copy(name, (given as Record<string, unknown>)[name], { depth: place.depth, isSecret });
      if (value === undefined) continue;
      const shown = this.#redactor === undefined ? name : this.#redactor.text('scan', '', name);
      Object.defineProperty(copy, shown, { value, enumerable: true, configurable: true, writable: true });
    }
    return copy;
  }

  #isFull(): boolean {
    return this.#values >= this.#bounds.maxValues;
  }
}
