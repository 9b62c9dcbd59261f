import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Redact } from '../../../src/encode/attributes.ts';
import { createLogRecordEncoder } from '../../../src/encode/log-record.ts';
import { frameTraces } from '../../../src/encode/request-frame.ts';
import { createSpanEncoder } from '../../../src/encode/span.ts';
import { encodeItem, makeRecord, makeSpan, readRecords, readSpans } from './encode-support.ts';

const SECRET = 'planted-4711';
const TEXT = `before ${SECRET} after`;
const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
const values = { plain: TEXT, list: ['x', TEXT], map: { deep: [{ deeper: TEXT }] } };
const SECRET_SPAN = {
  name: TEXT,
  attributes: values,
  events: [{ name: TEXT, time: [1, 2], attributes: { ...values, 'exception.message': TEXT } }],
  links: [{ context, attributes: values }],
  status: { code: 2, message: TEXT },
};

const redact: Redact = (key, text) => (key === 'token' ? '[token]' : text.replaceAll(SECRET, '[redacted]'));

test('a planted value is replaced wherever a span has text, also when it is repeated', () => {
  const encoder = createSpanEncoder(redact);
  const span = makeSpan(SECRET_SPAN);
  for (let round = 0; round < 3; round++) {
    const slice = Buffer.from(encodeItem(encoder, span));
    assert.equal(slice.includes(SECRET), false);
    const [read] = readSpans(span, [slice]);
    const redacted = 'before [redacted] after';
    assert.equal(read?.name, redacted);
    assert.deepEqual(read?.attributes, {
      plain: redacted,
      list: ['x', redacted],
      map: { deep: [{ deeper: redacted }] },
    });
    assert.equal(slice.toString('latin1').split('[redacted]').length - 1, 13);
  }
});

test('a planted value is replaced in the body of a log record, also in nested maps', () => {
  const encoder = createLogRecordEncoder(redact);
  for (const body of [TEXT, values, [[TEXT]]]) {
    const record = makeRecord({ body, attributes: values, eventName: TEXT, severityText: TEXT });
    const slice = Buffer.from(encodeItem(encoder, record));
    assert.equal(slice.includes(SECRET), false);
    assert.equal(readRecords(record, [slice])[0]?.severityText, 'before [redacted] after');
  }
});

test('a redactor sees the nearest key, and none for a body', () => {
  const seen: string[][] = [];
  const encoder = createLogRecordEncoder((key, text) => {
    seen.push([key, text]);
    return key === 'token' ? '[token]' : text;
  });
  const record = makeRecord({ body: { token: ['a', { name: 'b' }] }, attributes: { token: 'c', age: 3 } });
  const [read] = readRecords(record, [encodeItem(encoder, record)]);
  assert.deepEqual(read?.body, { token: ['[token]', { name: 'b' }] });
  assert.deepEqual(read?.attributes, { token: '[token]', age: 3 });
  assert.deepEqual(seen, [
    ['token', 'a'],
    ['name', 'b'],
    ['token', 'c'],
  ]);
});

test('text that a redactor fails on is left out and counted, never sent as it was', () => {
  const encoder = createSpanEncoder((key) => {
    throw new Error(`no rule for ${key}`);
  });
  const span = makeSpan({ ...SECRET_SPAN, attributes: { ...values, count: 1 } });
  const slice = Buffer.from(encodeItem(encoder, span));
  const [read] = readSpans(span, [slice]);
  assert.equal(slice.includes(SECRET), false);
  assert.equal(read?.name, '');
  assert.deepEqual(read?.attributes, { count: 1 });
  assert.equal(read?.droppedAttributesCount, 3);
});

test('without a redactor, and in the resource, text stays as it is', () => {
  const span = makeSpan(SECRET_SPAN);
  assert.ok(Buffer.from(encodeItem(createSpanEncoder(), span)).includes(SECRET));
  const slices = [encodeItem(createSpanEncoder(redact), span)];
  const resource = resourceFromAttributes({ 'service.name': TEXT });
  assert.ok(frameTraces(resource, [{ scope: { name: 'test' }, slices }]).includes(SECRET));
});
