/**
 * A list that forgets its oldest entries: what is received is bounded in number and in bytes.
 *
 * Layer: receiver.
 */

export interface BoundedList<T> {
  /** Live, oldest first. */
  readonly entries: readonly T[];
  /** Entries forgotten since the last `clear()`. */
  readonly forgotten: number;
  /** Adds entries that came from a body of `bytes`. */
  add(entries: readonly T[], bytes: number): void;
  clear(): void;
}

/** Makes an empty list; the newest entry stays even when it alone is over a limit. */
export function createBoundedList<T>(maxEntries: number, maxBytes: number): BoundedList<T> {
  const entries: T[] = [];
  const sizes: number[] = [];
  let total = 0;
  let forgotten = 0;

  const trim = (): void => {
    let excess = Math.max(0, entries.length - maxEntries);
    for (let index = 0; index < excess; index++) total -= sizes[index] as number;
    while (total > maxBytes && excess < entries.length - 1) total -= sizes[excess++] as number;
    if (excess === 0) return;
    entries.splice(0, excess);
    sizes.splice(0, excess);
    forgotten += excess;
  };

  return {
    entries,
    get forgotten() {
      return forgotten;
    },
    add: (added, bytes) => {
      const size = bytes / added.length;
      for (const entry of added) {
        entries.push(entry);
        sizes.push(size);
        total += size;
      }
      trim();
    },
    clear: () => {
      entries.length = 0;
      sizes.length = 0;
      total = 0;
      forgotten = 0;
    },
  };
}
