/**
 * Attributes that keep their first N values for good; every later value becomes `other`.
 *
 * For labels a stranger can choose, such as a key of an API: the totals stay exact, and the values people know stay
 * apart from each other for ever, which a limit on series alone does not give.
 * Layer: metrics.
 */
import type { AttributeScan } from './attribute-scan.ts';
import type { AttributeValue } from './attributes.ts';

/** What stands for all later values. */
const REST = 'other';

/** The values seen by one instrument. */
export class FirstValues {
  readonly #limits: ReadonlyMap<string, number>;
  readonly #seen = new Map<string, Set<AttributeValue>>();

  /** @param limits - number of values by attribute key */
  constructor(limits: ReadonlyMap<string, number>) {
    this.#limits = limits;
  }

  /** Replaces the values beyond the limits; whether there were any. */
  fold(scan: AttributeScan): boolean {
    let isFolded = false;
    for (let index = 0; index < scan.size; index += 1) {
      const key = scan.keys[index] as string;
      const limit = this.#limits.get(key);
      if (limit === undefined || this.#keeps(key, scan.values[index] as AttributeValue, limit)) continue;
      scan.replace(index, REST);
      isFolded = true;
    }
    return isFolded;
  }

  #keeps(key: string, value: AttributeValue, limit: number): boolean {
    const identity = typeof value === 'object' ? JSON.stringify(value) : value;
    let values = this.#seen.get(key);
    if (values === undefined) this.#seen.set(key, (values = new Set()));
    if (identity === REST || values.has(identity)) return true;
    if (values.size >= limit) return false;
    values.add(identity);
    return true;
  }
}
