import assert from 'node:assert/strict';
import { test } from 'node:test';
import { degradations, describeCause, guard, guardAsync } from '../../../src/core/guard.ts';

test('guarded work that throws gives the fallback and is counted by site', async () => {
  const refuse = (): never => {
    throw new Error('no');
  };
  assert.equal(guard('test.site', refuse, 'fallback'), 'fallback');
  assert.equal(await guardAsync('test.site', () => Promise.reject(new Error('later')), 'fallback'), 'fallback');
  assert.deepEqual(degradations()['test.site'], { count: 2, lastError: 'later' });
});

test('any thrown value has a printable cause', () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('trap');
      },
    },
  );
  const cases: [unknown, string][] = [
    [new TypeError('bad'), 'bad'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED: connect'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'connect ECONNREFUSED'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [hostile, 'unprintable value'],
    [Object.create(null), 'unprintable value'],
  ];
  for (const [cause, text] of cases) assert.equal(describeCause(cause), text);
});
