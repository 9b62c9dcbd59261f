import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { FloodControl } from '../../../src/errors/flood-control.ts';

/** A flood control with a clock of its own. */
function createFlood(t: TestContext, perMinute: number) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMillis = 0;
  const summaries: [string, number][] = [];
  const flood = new FloodControl<string>({
    perMinute,
    onSummary: (example, heldBack) => summaries.push([example, heldBack]),
    nowMillis: () => nowMillis,
  });
  const pass = (millis: number): void => {
    nowMillis += millis;
    t.mock.timers.tick(millis);
  };
  return { flood, summaries, pass };
}

test('after a minute one more tells how many were held back beside it, and the next ones pass', (t) => {
  const { flood, summaries, pass } = createFlood(t, 2);
  const admit = (): boolean => flood.admit('a', () => 'first held back');
  assert.deepEqual([admit(), admit(), admit(), admit(), admit()], [true, true, false, false, false]);
  assert.deepEqual(summaries, []);
  pass(60_000);
  assert.deepEqual(summaries, [['first held back', 2]]);
  assert.equal(flood.isHolding, false);
  assert.equal(admit(), true);
});

test('a kind that started later is told in its own time', (t) => {
  const { flood, summaries, pass } = createFlood(t, 1);
  const two = (key: string): void => void [flood.admit(key, () => key), flood.admit(key, () => key)];
  two('a');
  pass(30_000);
  two('b');
  pass(30_000);
  assert.deepEqual(summaries, [['a', 0]]);
  assert.equal(flood.isHolding, true);
  pass(60_000);
  assert.deepEqual(summaries, [
    ['a', 0],
    ['b', 0],
  ]);
});

test('memory is bounded: the oldest of very many kinds is told and forgotten', (t) => {
  const { flood, summaries } = createFlood(t, 1);
  for (let index = 0; index < 600; index += 1)
    for (let time = 0; time < 2; time += 1) flood.admit(`k${index}`, () => `k${index}`);
  assert.equal(summaries.length, 400);
  assert.deepEqual(summaries[0], ['k0', 0]);
  flood.flush();
  assert.equal(summaries.length, 600);
});
