import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentDelay } from '../../../../src/instrument/runtime/recent-delay.ts';
import { until } from '../../../support/until.ts';

function block(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

test('a stall stays for a window of a minute whoever has read it, and is forgotten after two', async (t) => {
  let now = 0;
  const delay = new RecentDelay(() => now);
  t.after(() => delay.stop());
  const worstMillis = (): number => delay.read().histogram.max / 1e6;
  await until('a first measurement', () => worstMillis() > 0);
  block(150);
  await until('the stall', () => worstMillis() > 100);
  for (now = 15_000; now < 75_000; now += 15_000) assert.ok(worstMillis() > 100, `${now}`);
  for (; now < 135_000; now += 15_000) worstMillis();
  assert.ok(worstMillis() < 100);
});

test('who reads seldom gets what happened since', (t) => {
  let now = 0;
  const delay = new RecentDelay(() => now);
  t.after(() => delay.stop());
  delay.read();
  now = 600_000;
  delay.read();
  now = 1_200_000;
  assert.equal(delay.read().sinceMillis, 600_000);
});
