import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedRetryAfter, createBackoff, createPause } from '../../../src/delivery/retry.ts';
import { createVirtualTime } from './virtual-time.ts';

test('delays start at 1 s, double and stop growing at 12 s', () => {
  const backoff = createBackoff(1000, () => 0.5);
  const delays = Array.from({ length: 6 }, () => Math.round(backoff.nextMillis()));
  assert.deepEqual(delays, [1000, 2000, 4000, 8000, 12_000, 12_000]);
});

test('a success starts the delays over', () => {
  const backoff = createBackoff(1000, () => 0.5);
  backoff.nextMillis();
  backoff.nextMillis();
  backoff.reset();
  assert.equal(backoff.nextMillis(), 1000);
});

test('jitter stays within a fifth to either side', () => {
  assert.equal(createBackoff(1000, () => 0).nextMillis(), 800);
  assert.ok(createBackoff(1000, () => 1 - Number.EPSILON).nextMillis() <= 1200);
});

test('failures without end never make a delay infinite', () => {
  const backoff = createBackoff(1000, () => 0.5);
  for (let failure = 0; failure < 5000; failure += 1) backoff.nextMillis();
  assert.equal(backoff.nextMillis(), 12_000);
});

test('a server that asks for hours is asked again after ten minutes', () => {
  assert.equal(boundedRetryAfter(30_000), 30_000);
  assert.equal(boundedRetryAfter(86_400_000), 600_000);
});

test('a pause ends with its delay, or when woken, and leaves no timer', async () => {
  const time = createVirtualTime();
  const pause = createPause(time.timer);
  let ended = 0;
  void pause.wait(1000).then(() => (ended += 1));
  await time.advance(999);
  assert.equal(ended, 0);
  await time.advance(1);
  assert.equal(ended, 1);
  void pause.wait(1000).then(() => (ended += 1));
  pause.wake();
  await time.advance(0);
  assert.equal(ended, 2);
  assert.equal(time.pending(), 0);
});

test('waking nobody does nothing', () => createPause(createVirtualTime().timer).wake());
