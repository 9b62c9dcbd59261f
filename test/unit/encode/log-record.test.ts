import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogRecordEncoder } from '../../../src/encode/log-record.ts';
import { encodeItem, hostileValues, makeRecord, readRecords } from './encode-support.ts';

const encoder = createLogRecordEncoder();

test('a hostile body never throws and never costs the record', () => {
  for (const [kind, body] of Object.entries(hostileValues())) {
    const record = makeRecord({ body, severityText: kind });
    const [read] = readRecords(record, [encodeItem(encoder, record)]);
    assert.equal(read?.severityText, kind);
    assert.equal(read?.body ?? null, null, kind);
  }
});

test('malformed ids cost the ids only', () => {
  const record = makeRecord({ spanContext: { traceId: 'nope', spanId: 'b'.repeat(16), traceFlags: 1 } });
  const [read] = readRecords(record, [encodeItem(encoder, record)]);
  assert.equal(read?.body, 'line');
  assert.equal(read?.traceId, undefined);
  assert.equal(read?.spanId, undefined);
});

test('a record without times becomes no bytes', () => {
  assert.equal(encodeItem(encoder, makeRecord({ hrTime: undefined })).length, 0);
});
