import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { copyAttributes } from '../../../src/metrics/attributes.ts';

test('valid attributes are copied, arrays too', () => {
  const attributes = { text: 'a', number: 1, flag: false, list: ['a', null, 2] };
  const copy = copyAttributes(attributes);
  deepEqual(copy, attributes);
  notEqual(copy, attributes);
  attributes.list.push('later');
  deepEqual(copy['list'], ['a', null, 2]);
});

test('a BigInt becomes text; what no metric can have is left out', () => {
  const hostile = {
    big: 2n ** 70n,
    nothing: null,
    missing: undefined,
    symbol: Symbol('s'),
    fn: () => 1,
    map: { a: 1 },
    nested: [[1]],
    '': 1,
  };
  deepEqual(copyAttributes(hostile as never), { big: '1180591620717411303424' });
});

test('no attributes at all are none', () => {
  for (const nothing of [undefined, null, 1, 'text', Symbol('s')]) deepEqual(copyAttributes(nothing as never), {});
});

test('inherited keys and __proto__ change nothing', () => {
  const copy = copyAttributes(
    Object.assign(
      Object.create({ inherited: 1 }) as object,
      JSON.parse('{"__proto__": {"evil": 1}, "own": 2}') as object,
    ) as never,
  );
  deepEqual({ ...copy }, { own: 2 });
  equal(copy['evil'], undefined);
});
