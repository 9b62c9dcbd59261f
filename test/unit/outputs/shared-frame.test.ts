import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ItemGroup } from '../../../src/delivery/item-parcel.ts';
import { shareFrames } from '../../../src/outputs/shared-frame.ts';

const MEMORY = new Uint8Array(100);
const SCOPE = {};
const groups = (from: number, to: number, group: object = SCOPE): ItemGroup[] => [
  { group, slices: [MEMORY.subarray(from, to)] },
];

test('the same items are framed once in a turn, others by themselves', () => {
  let framed = 0;
  const frame = shareFrames(() => Uint8Array.of((framed += 1)));
  const first = frame(groups(0, 10));
  assert.equal(frame(groups(0, 10)), first);
  assert.deepEqual(
    [frame(groups(0, 11)), frame(groups(1, 11)), frame(groups(1, 11, {})), frame([])].map(([number]) => number),
    [2, 3, 4, 5],
  );
});

test('in the next turn the same memory may hold other items: it is framed again', async () => {
  let framed = 0;
  const frame = shareFrames(() => Uint8Array.of((framed += 1)));
  frame(groups(0, 10));
  await Promise.resolve();
  assert.deepEqual([...frame(groups(0, 10))], [2]);
});
