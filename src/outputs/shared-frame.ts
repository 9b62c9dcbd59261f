/**
 * One frame for all destinations that take the same items in the same turn of the event loop, as they do while none of
 * them lags behind.
 *
 * Not longer than a turn: memory of items is used again once they are settled, and would look the same then.
 * Layer: outputs.
 */
import type { ItemGroup } from '../delivery/item-parcel.ts';

/** Frames what it was not given just now. */
export function shareFrames(
  frame: (groups: readonly ItemGroup[]) => Uint8Array,
): (groups: readonly ItemGroup[]) => Uint8Array {
  let last: { readonly groups: readonly ItemGroup[]; readonly bytes: Uint8Array } | undefined;
  return (groups) => {
    if (last !== undefined && areSame(last.groups, groups)) return last.bytes;
    const bytes = frame(groups);
    if (last === undefined) queueMicrotask(() => (last = undefined));
    last = { groups, bytes };
    return bytes;
  };
}

function areSame(some: readonly ItemGroup[], others: readonly ItemGroup[]): boolean {
  return isEach(some, others, (a, b) => a.group === b.group && isEach(a.slices, b.slices, isSameMemory));
}

function isSameMemory(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}

function isEach<T>(some: readonly T[], others: readonly T[], isPair: (a: T, b: T) => boolean): boolean {
  return some.length === others.length && some.every((item, index) => isPair(item, others[index] as T));
}
