import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostileValues } from '../../support/hostile.ts';
import { createCaptures } from './capture.ts';

test('rules decide before ours; what they leave out is settled as without them', (t) => {
  const { capture } = createCaptures(t, {
    options: {
      rules: [
        { name: 'payment.declined', codes: ['card_*'], errorClass: 'billing', severity: 'low', provider: 'stripe' },
        { name: 'mine.slow', message: 'took (too) long', errorClass: 'timeout' },
        { name: 'mine.vip', test: (error) => (error as Error).message === 'vip', severity: 'critical' },
      ],
    },
  });
  const declined = capture(Object.assign(new Error('x'), { code: 'card_declined' }));
  assert.deepEqual(
    [declined.errorClass, declined.severity, declined.provider, declined.matchedRule],
    ['billing', 'low', 'stripe', 'payment.declined'],
  );
  assert.equal(capture(new Error('It took (TOO) long')).matchedRule, 'mine.slow');
  const vip = capture(new Error('vip'));
  assert.deepEqual([vip.errorClass, vip.severity], ['unknown', 'critical']);
  assert.equal(capture(new Error('none of it')).matchedRule, 'none');
});

test('a function that throws or promises is counted, and the error is captured', (t) => {
  const { capture } = createCaptures(t, {
    options: {
      rules: [{ name: 'bad', test: () => { throw new Error('bug'); } }], // oxfmt-ignore
      ignore: [
        () => Promise.reject(new Error('async')) as never,
        /^secret/g,
        (error) => (error as Error).name === 'Quiet',
      ],
    },
  });
  assert.equal(capture(new Error('x')).outcome, 'captured');
  assert.equal(capture(new Error('secret a')).outcome, 'ignored');
  assert.equal(capture(new Error('secret b')).outcome, 'ignored');
  assert.equal(capture(Object.assign(new Error('y'), { name: 'Quiet' })).outcome, 'ignored');
});

test('what is no rule is left out, whatever it is', (t) => {
  const values = Object.values(createHostileValues());
  for (const value of values) createCaptures(t, { options: value as never }).capture(new Error('x'));
  const { capture } = createCaptures(t, {
    options: { rules: [...values, { name: 'all' }, { name: 'x', codes: ['x'], errorClass: 'oops' }], ignore: values } as never, // oxfmt-ignore
  });
  assert.equal(capture(new Error('still')).outcome, 'captured');
});
