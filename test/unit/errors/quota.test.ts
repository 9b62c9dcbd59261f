import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQuota } from '../../../src/errors/quota.ts';
import { createHostileValues } from '../../support/hostile.ts';

const NOW = Date.UTC(2026, 10, 21);
const resets = (headers: object): number | undefined => readQuota(headers, NOW)?.resetsAtMillis;

test('the time of the reset is read in every form it is sent in', () => {
  assert.equal(resets({ 'retry-after': '30' }), NOW + 30_000);
  assert.equal(resets({ 'retry-after': new Date(NOW + 5000).toUTCString() }), NOW + 5000);
  assert.equal(resets({ 'x-ratelimit-reset-requests': '1m6.5s' }), NOW + 66_500);
  assert.equal(resets({ 'x-ratelimit-reset-requests': '20ms' }), NOW + 20);
  assert.equal(resets({ 'anthropic-ratelimit-requests-reset': '2026-11-21T00:01:00Z' }), NOW + 60_000);
  assert.equal(resets({ 'x-ratelimit-reset': String(NOW / 1000 + 7) }), NOW + 7000);
});

test('headers that say nothing, or are none, give nothing', () => {
  assert.equal(readQuota({ 'content-type': 'x' }, NOW), undefined);
  assert.equal(readQuota({ 'retry-after': 'soon' }, NOW), undefined);
  for (const value of Object.values(createHostileValues())) {
    assert.equal(readQuota(value, NOW), undefined);
    assert.equal(readQuota({ 'retry-after': value, get: value }, NOW), undefined);
  }
});
