import assert from 'node:assert/strict';
import { test } from 'node:test';
import { once } from '../../../src/core/once.ts';

test('a value is made when it is first asked for, and is the same from then on', () => {
  let calls = 0;
  const value = once(() => ({ calls: ++calls }));
  assert.equal(value.made, undefined);
  assert.equal(value.get(), value.get());
  assert.equal(value.made, value.get());
  assert.equal(calls, 1);
});

test('what could not be made is tried again', () => {
  let calls = 0;
  const value = once(() => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return {};
  });
  assert.throws(() => value.get(), /not yet/);
  assert.equal(value.made, undefined);
  assert.ok(value.get());
});
