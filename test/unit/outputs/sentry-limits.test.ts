import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SentryLimits } from '../../../src/outputs/sentry-limits.ts';

const NOW = 1_795_000_000_000;

function limitsAfter(statusCode: number, headers: Readonly<Record<string, string>>) {
  let nowMillis = NOW;
  const limits = new SentryLimits(() => nowMillis);
  limits.note({ statusCode, headers });
  return {
    limits,
    isLimited: (category: 'error' | 'transaction' | 'log_item', afterSeconds = 0): boolean => {
      nowMillis = NOW + afterSeconds * 1000;
      return limits.describe(category) !== undefined;
    },
  };
}

suite('limits of Sentry', () => {
  test('each category has the end its limit says, whatever the status', () => {
    const headers = { 'x-sentry-rate-limits': '60:transaction;error:organization:quota, 2700:log_item:key' };
    const { isLimited } = limitsAfter(200, headers);
    assert.deepEqual(
      [isLimited('error'), isLimited('error', 59), isLimited('error', 60), isLimited('log_item', 60)],
      [true, true, false, true],
    );
  });

  test('a limit without categories is for all of them', () => {
    const { isLimited } = limitsAfter(429, { 'x-sentry-rate-limits': '30::organization' });
    assert.deepEqual([isLimited('error'), isLimited('log_item', 29), isLimited('error', 30)], [true, true, false]);
  });

  test('429 without limits is for all, for as long as Retry-After says, else a minute', () => {
    const told = limitsAfter(429, { 'retry-after': '5' });
    assert.deepEqual([told.isLimited('error', 4), told.isLimited('error', 5)], [true, false]);
    const untold = limitsAfter(429, {});
    assert.deepEqual([untold.isLimited('error', 59), untold.isLimited('error', 60)], [true, false]);
  });

  test('a success without limits limits nothing, and no limit is longer than a day', () => {
    assert.equal(limitsAfter(200, { 'retry-after': '60' }).isLimited('error'), false);
    const { isLimited } = limitsAfter(200, { 'x-sentry-rate-limits': '999999999:error' });
    assert.deepEqual([isLimited('error', 86_399), isLimited('error', 86_400)], [true, false]);
  });

  test('a later, shorter limit does not end an earlier one', () => {
    const { limits, isLimited } = limitsAfter(200, { 'x-sentry-rate-limits': '60:error' });
    limits.note({ statusCode: 200, headers: { 'x-sentry-rate-limits': '1:error' } });
    assert.equal(isLimited('error', 30), true);
  });

  test('nonsense is a minute for what it names, and never throws', () => {
    for (const text of ['', ':', 'x:error', ',,', '60:metric_bucket:organization:quota:other']) {
      const { isLimited } = limitsAfter(200, { 'x-sentry-rate-limits': text });
      assert.equal(isLimited('transaction', 61), false, text);
    }
  });
});
