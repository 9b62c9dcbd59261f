import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { takeAbruptExit } from '../../../src/traces/abrupt-exit.ts';
import { createContextManager } from '../../../src/traces/context.ts';

const KEY = createContextKey('name');
const [outer, inner] = ['outer', 'inner'].map((name) => ROOT_CONTEXT.setValue(KEY, name)) as [
  typeof ROOT_CONTEXT,
  typeof ROOT_CONTEXT,
];
const manager = createContextManager();
const fail = (): never => {
  throw new Error('broken');
};

test('of the scopes an error leaves the innermost is kept, and given once', () => {
  assert.throws(() => manager.with(outer, () => manager.with(inner, fail)), /broken/);
  assert.equal(takeAbruptExit(), inner);
  assert.equal(takeAbruptExit(), undefined);
});

test('a bound function is a scope too', () => {
  assert.throws(manager.bind(inner, fail), /broken/);
  assert.equal(takeAbruptExit(), inner);
});

test('a scope that is left as usual, or entered after one that was not, is none', () => {
  manager.with(inner, () => 1);
  assert.equal(takeAbruptExit(), undefined);
  assert.throws(() => manager.with(inner, fail), /broken/);
  manager.with(outer, () => 1);
  assert.equal(takeAbruptExit(), undefined);
});

test('nothing is kept beyond the turn', async () => {
  assert.throws(() => manager.with(inner, fail), /broken/);
  await nextTurn();
  assert.equal(takeAbruptExit(), undefined);
});

test('this, arguments and results go through', () => {
  const that = { a: 1 };
  const work = function (this: typeof that, b: number): number {
    return this.a + b;
  };
  assert.equal(manager.with(inner, work, that, 2), 3);
});
