import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTICES } from '../../../src/core/notice-codes.ts';
import { noticeCounts, notify, redirectNotices, settleNotice } from '../../../src/core/notices.ts';

test('a notice is printed once for its key and again after it was settled', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const notice = { code: 'DUOTEL_EXPORT_FAILED', message: 'collector is down', key: 'collector' } as const;
  notify(notice);
  notify({ ...notice, message: 'collector is still down' });
  assert.deepEqual(lines, ['DUOTEL_EXPORT_FAILED collector is down\n']);
  assert.deepEqual(noticeCounts(), { DUOTEL_EXPORT_FAILED: 2 });
  settleNotice('DUOTEL_EXPORT_FAILED', 'collector');
  notify(notice);
  assert.equal(lines.length, 2);
});

test('a notice is one line whatever its message holds', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  notify({ code: 'DUOTEL_START_FAILED', message: 'a\nb\r\nc' });
  assert.deepEqual(lines, ['DUOTEL_START_FAILED a b c\n']);
});

test('a writer that throws is nobody’s error', (t) => {
  t.after(
    redirectNotices(() => {
      throw new Error('EPIPE');
    }),
  );
  assert.doesNotThrow(() => notify({ code: 'DUOTEL_START_FAILED', message: 'x' }));
});

test('every code has a meaning and a remedy that are sentences', () => {
  for (const [code, doc] of Object.entries(NOTICES)) {
    assert.match(code, /^DUOTEL_[A-Z_]+$/);
    assert.match(doc.meaning, /^[A-Z].*\.$/, code);
    assert.match(doc.remedy, /^[A-Z].*\.$/, code);
  }
});
