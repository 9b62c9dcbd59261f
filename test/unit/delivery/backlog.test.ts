import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backlog, type Parcel } from '../../../src/delivery/backlog.ts';

const parcelOf = (items: number, bytes = 0): Parcel => ({
  body: new Uint8Array(bytes),
  items,
  contentType: '',
  settle: () => undefined,
  firstTriedAt: undefined,
  askedWaitMillis: 0,
});
const itemsOf = (parcels: readonly Parcel[]): number[] => parcels.map(({ items }) => items);

test('the oldest make room for the newest', () => {
  const backlog = new Backlog(5000);
  for (const items of [1, 2, 3]) backlog.push(parcelOf(items, 1000));
  assert.deepEqual(itemsOf(backlog.takeExcess()), [1]);
  assert.equal(backlog.head?.items, 2);
  assert.equal(backlog.items, 5);
});

test('what is on its way stays', () => {
  const backlog = new Backlog(5000);
  for (const items of [1, 2, 3]) backlog.push(parcelOf(items, 1000));
  backlog.isHeadHeld = true;
  assert.deepEqual(itemsOf(backlog.takeExcess()), [2]);
  assert.deepEqual(itemsOf(backlog.takeWaiting()), [3]);
  assert.equal(backlog.head?.items, 1);
});

test('a single parcel is kept whatever its size', () => {
  const backlog = new Backlog(10);
  backlog.push(parcelOf(1, 1000));
  assert.deepEqual(backlog.takeExcess(), []);
  backlog.push(parcelOf(2, 1000));
  assert.deepEqual(itemsOf(backlog.takeExcess()), [1]);
});

test('many tiny parcels count with what they cost to keep', () => {
  const backlog = new Backlog(100 * 1024);
  let dropped = 0;
  for (let index = 0; index < 1000; index += 1) {
    backlog.push(parcelOf(1, 10));
    dropped += backlog.takeExcess().length;
  }
  assert.equal(backlog.items + dropped, 1000);
  assert.ok(backlog.items < 100);
});
