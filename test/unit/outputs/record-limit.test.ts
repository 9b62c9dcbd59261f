/** How many log records may be made in a second. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import { redirectNotices } from '../../../src/core/notices.ts';
import { createRecordLimit, type RecordLimit } from '../../../src/outputs/record-limit.ts';

const lines: string[] = [];
let restore = (): void => undefined;
beforeEach(() => {
  lines.length = 0;
  restore = redirectNotices((line) => lines.push(line));
});
afterEach(() => restore());

let now = 0;
let refused = 0;
function limitOf(perSecond: number): RecordLimit {
  [now, refused] = [0, 0];
  return createRecordLimit(
    perSecond,
    () => now,
    () => (refused += 1),
  );
}

test('so many are admitted in a second, the rest is counted, and that is told once', () => {
  const limit = limitOf(3);
  const admitted = Array.from({ length: 10 }, () => limit.admit(SeverityNumber.INFO)).filter(Boolean);
  assert.deepEqual([admitted.length, refused], [3, 7]);
  assert.match(lines.join(''), /^DUOTEL_LOGS_LIMITED More than 3 log records [^\n]*\n$/);
  now = 1000;
  assert.equal(limit.admit(SeverityNumber.INFO), true);
});

test('errors have room of their own', () => {
  const limit = limitOf(1);
  assert.deepEqual([limit.admit(SeverityNumber.INFO), limit.admit(undefined)], [true, false]);
  assert.deepEqual([limit.admit(SeverityNumber.ERROR), limit.admit(SeverityNumber.FATAL)], [true, false]);
});

test('asking first and making the record then uses the room once', () => {
  const limit = limitOf(2);
  for (let index = 0; index < 2; index += 1) {
    assert.ok(limit.hasRoom(SeverityNumber.INFO) && limit.hasRoom(SeverityNumber.INFO));
    assert.ok(limit.admit(SeverityNumber.INFO));
  }
  assert.equal(limit.hasRoom(SeverityNumber.INFO), false);
  assert.equal(refused, 1);
});

test('none at all is possible', () => {
  assert.equal(limitOf(0).admit(SeverityNumber.ERROR), false);
});
