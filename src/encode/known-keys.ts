/**
 * Keys of attributes that were written before, with what need not be found out or written anew.
 *
 * Layer: encode.
 */
import type { Treatment } from './redact.ts';

/** Above that all remembered keys are forgotten: whoever makes keys up as they go gets no memory for it. */
const MAX_KEYS = 2000;
const MAX_KEY_LENGTH = 256;
/** Keys of one item whose places are remembered. */
const MAX_PLACES = 64;

/** What is written again and again: the key, and often the same value as last time. */
export interface KnownKey {
  readonly key: string;
  /** With tag and length, as it stands in a `KeyValue`. */
  readonly field: Uint8Array;
  readonly treatment: Treatment;
  lastValue: unknown;
  /** The `KeyValue` of `lastValue` without its tag, once that came twice in a row. */
  lastBytes: Uint8Array | undefined;
}

export class KnownKeys {
  readonly #keys = new Map<string, KnownKey>();
  /** By their place among the attributes of the item before: most items of a program have the same keys in order. */
  readonly #places: KnownKey[] = [];

  get(key: string): KnownKey | undefined {
    return this.#keys.get(key);
  }

  /** What `get()` gives for the key at this place of an item, without a look at all keys if it was there before. */
  at(place: number, key: string): KnownKey | undefined {
    const last = this.#places[place];
    if (last !== undefined && last.key === key) return last;
    const known = this.#keys.get(key);
    if (known !== undefined && place < MAX_PLACES) this.#places[place] = known;
    return known;
  }

  add(known: KnownKey): void {
    if (known.key.length > MAX_KEY_LENGTH) return;
    if (this.#keys.size === MAX_KEYS) this.clear();
    this.#keys.set(known.key, known);
  }

  clear(): void {
    this.#keys.clear();
    this.#places.length = 0;
  }
}
