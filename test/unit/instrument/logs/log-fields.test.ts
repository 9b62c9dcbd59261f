/** Fields of lines as attributes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeException, toAttributes } from '../../../../src/instrument/logs/log-fields.ts';

const NONE: ReadonlySet<string> = new Set();

test('nested values are kept, and what JSON does not know is put as a JSON logger would', () => {
  const at = new Date(0);
  const fields = { a: { b: [1, { c: 'd' }, null] }, at, big: 1n, map: new Map([['k', 1]]), set: new Set([1]) };
  assert.deepEqual(toAttributes(fields, NONE), {
    a: { b: [1, { c: 'd' }, null] },
    at: at.toISOString(),
    big: '1',
    map: { k: 1 },
    set: [1],
  });
});

test('functions, symbols and fields that are elsewhere are left out', () => {
  assert.deepEqual(toAttributes({ a: () => 1, b: Symbol('b'), c: undefined, msg: 'x', d: 1 }, new Set(['msg'])), {
    d: 1,
  });
});

test('a circular value ends, at the depth that is kept', () => {
  const circle: Record<string, unknown> = { name: 'x' };
  circle['self'] = circle;
  const text = JSON.stringify(toAttributes({ circle }, NONE));
  assert.ok(text.includes('…') && text.length < 500, text);
});

test('a huge value costs a bounded number of values', () => {
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, { v: index }]));
  const text = JSON.stringify(toAttributes({ wide, list: Array(100_000).fill('x') }, NONE));
  assert.ok(text.length < 20_000, `${text.length}`);
});

test('a field that throws when it is read costs itself only', () => {
  const hostile = {
    get bad(): never {
      throw new Error('no');
    },
    good: 1,
  };
  assert.deepEqual(toAttributes({ hostile, also: 2 }, NONE), { hostile: { good: 1 }, also: 2 });
});

test('an error has type, message and stack, and keeps its other fields', () => {
  class Broken extends Error {}
  const error = Object.assign(new Broken('why'), { code: 'E1', stack: 'trace' });
  assert.deepEqual(describeException(error), {
    attributes: { 'exception.type': 'Broken', 'exception.message': 'why', 'exception.stacktrace': 'trace' },
    rest: { code: 'E1' },
  });
});

test('what a serializer made of an error is one too; an object without a stack is none', () => {
  const exception = describeException({ type: 'TypeError', message: 'm', stack: 's' });
  assert.deepEqual(exception?.attributes, {
    'exception.type': 'TypeError',
    'exception.message': 'm',
    'exception.stacktrace': 's',
  });
  assert.equal(exception.rest, undefined);
  assert.equal(describeException({ message: 'm' }), undefined);
  assert.equal(describeException('text'), undefined);
});

test('an error that throws when it is read is none', () => {
  const error = new Error('x');
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error('no');
    },
  });
  assert.equal(describeException(error), undefined);
});
