import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeadline, withinDeadline } from '../../../src/core/deadline.ts';

test('a deadline counts down with its clock and stops at zero', () => {
  let now = 1000;
  const deadline = createDeadline(50, () => now);
  assert.equal(deadline.remainingMillis(), 50);
  now += 30;
  assert.equal(deadline.remainingMillis(), 20);
  assert.equal(deadline.expired, false);
  now += 100;
  assert.equal(deadline.remainingMillis(), 0);
  assert.equal(deadline.expired, true);
});

test('a budget that is negative or not a number is refused', () => {
  assert.throws(() => createDeadline(-1), RangeError);
  assert.throws(() => createDeadline(Number.NaN), RangeError);
});

test('work that never settles is late, and nothing is left behind', async () => {
  const raced = await withinDeadline(new Promise(() => undefined), createDeadline(5));
  assert.deepEqual(raced, { status: 'late' });
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
    [],
  );
});

test('work that rejects is a value, not a rejection', async () => {
  const cause = new Error('refused');
  assert.deepEqual(await withinDeadline(Promise.reject(cause), createDeadline(1000)), { status: 'failed', cause });
  assert.deepEqual(await withinDeadline(Promise.resolve(7), createDeadline(1000)), { status: 'done', value: 7 });
});
