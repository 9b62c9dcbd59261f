import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readablePart } from '../../../src/core/readable-part.ts';
import { scopeArguments } from '../../../src/core/scope.ts';

const boom = (): never => {
  throw new Error('boom');
};

test('a sound scope is left as it is', () => {
  assert.deepEqual(scopeArguments('n', '1', undefined), ['n', '1', undefined]);
  const options = { schemaUrl: 'https://example.com', attributes: { a: 'b', n: 1 } };
  assert.deepEqual(scopeArguments('n', undefined, options), ['n', undefined, options]);
});

test('everything else becomes text or is left out', () => {
  const hostile = new Proxy({}, { ownKeys: boom, get: boom });
  assert.deepEqual(scopeArguments(undefined, null, null), ['', undefined, undefined]);
  assert.deepEqual(scopeArguments(Symbol('s'), 2n, 'text'), ['Symbol(s)', '2', undefined]);
  assert.deepEqual(scopeArguments('n', '1', hostile), ['n', '1', undefined]);
  assert.deepEqual(scopeArguments('n', '1', { schemaUrl: 5, attributes: hostile }), [
    'n',
    '1',
    { schemaUrl: '5', attributes: {} },
  ]);
});

test('the readable part holds plain values only', () => {
  const given = { text: 'a', number: 1, flag: true, list: [1], nothing: null, not: undefined, big: 1n };
  assert.deepEqual(readablePart('test', given), { text: 'a', number: 1, flag: true });
  for (const none of [undefined, null, 'text', new Proxy({}, { ownKeys: boom })])
    assert.deepEqual(readablePart('test', none), {});
});
