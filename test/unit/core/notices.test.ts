import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTICES } from '../../../src/core/notice-codes.ts';
import {
  noticeCounts,
  notify,
  redirectNotices,
  renderDiagnostic,
  setNoticeForm,
  settleNotice,
} from '../../../src/core/notices.ts';

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

test('as JSON a notice is one object a line, whatever its message holds', (t) => {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  setNoticeForm('json');
  notify({ code: 'DUOTEL_EXPORT_FAILED', message: 'a "quoted"\nline\u2028\ud800' });
  notify({ code: 'DUOTEL_EXPORT_RECOVERED', message: 'again' });
  const [failed, recovered] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(lines.every((line) => /^[^\r\n\u2028\u2029]+\n$/.test(line)));
  assert.match(String(failed?.['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    { ...failed, time: undefined },
    {
      time: undefined,
      level: 'warn',
      logger: 'duotel',
      code: 'DUOTEL_EXPORT_FAILED',
      message: 'a "quoted" line\u2028\ud800',
      remedy: NOTICES.DUOTEL_EXPORT_FAILED.remedy,
      pid: process.pid,
    },
  );
  assert.equal(recovered?.['level'], 'info');
});

test('diagnostics of OpenTelemetry have the form of the notices', (t) => {
  t.after(redirectNotices(() => undefined));
  setNoticeForm('text');
  assert.equal(renderDiagnostic('debug', 'x'), 'opentelemetry debug x\n');
  setNoticeForm('json');
  const { level, logger, message } = JSON.parse(renderDiagnostic('debug', 'x')) as Record<string, string>;
  assert.deepEqual([level, logger, message], ['debug', 'opentelemetry', 'x']);
});
