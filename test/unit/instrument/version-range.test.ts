import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInRange } from '../../../src/instrument/version-range.ts';

test('a version is in a range when every comparator holds', () => {
  assert.equal(isInRange('4.0.0', ['>=4.0.0 <6']), true);
  assert.equal(isInRange('5.99.1', ['>=4.0.0 <6']), true);
  assert.equal(isInRange('6.0.0', ['>=4.0.0 <6']), false);
  assert.equal(isInRange('3.21.2', ['>=4.0.0 <6']), false);
});

test('a caret keeps the major version', () => {
  assert.equal(isInRange('3.1.0', ['^3.1.0']), true);
  assert.equal(isInRange('3.0.9', ['^3.1.0']), false);
  assert.equal(isInRange('4.0.0', ['^3.1.0']), false);
});

test('one range of several is enough', () => {
  assert.equal(isInRange('5.2.0', ['^1.0.0', '^5.0.0']), true);
  assert.equal(isInRange('2.0.0', ['^1.0.0', '^5.0.0']), false);
});

test('pre-releases are in no range, build metadata does not matter', () => {
  assert.equal(isInRange('5.0.0-beta.1', ['>=4.0.0 <6']), false);
  assert.equal(isInRange('5.0.0+build-1', ['>=4.0.0 <6']), true);
});
