import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../../support/fast-check.ts';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { parseErrorMessage, parsePartialSuccess } from '../../../src/delivery/otlp-answer.ts';

/** `ExportTraceServiceResponse { partial_success { rejected: 300, error_message: "limit" } }` */
const PARTIAL = Buffer.from([0x0a, 10, 0x08, 0xac, 0x02, 0x12, 5, ...Buffer.from('limit')]);

test('a partial success is read from protobuf, as the official deserializer reads it', () => {
  assert.deepEqual(parsePartialSuccess(PARTIAL, 'application/x-protobuf'), { rejectedItems: 300, message: 'limit' });
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(PARTIAL) as {
    partialSuccess: Record<string, unknown>;
  };
  assert.deepEqual({ ...partialSuccess }, { rejectedSpans: 300, errorMessage: 'limit' });
});

test('a partial success is read from JSON, whatever the signal and spelling', () => {
  const bodies = [
    { partialSuccess: { rejectedSpans: 7, errorMessage: 'limit' } },
    { partialSuccess: { rejectedDataPoints: '7', errorMessage: 'limit' } },
    { partial_success: { rejected_log_records: '7', error_message: 'limit' } },
  ];
  for (const body of bodies) {
    const found = parsePartialSuccess(Buffer.from(JSON.stringify(body)), 'application/json; charset=utf-8');
    assert.deepEqual(found, { rejectedItems: 7, message: 'limit' });
  }
});

test('a warning without rejected items is read too', () => {
  const body = Buffer.from(JSON.stringify({ partialSuccess: { errorMessage: 'soon deprecated' } }));
  assert.deepEqual(parsePartialSuccess(body, 'application/json'), { rejectedItems: 0, message: 'soon deprecated' });
});

test('an empty, truncated or senseless answer says nothing', () => {
  const json = [
    '',
    '{}',
    'null',
    '{"partialSuccess":{}}',
    '{"partialSuccess":7}',
    '{"partialSuccess":{"rejectedSpans":-1}}',
    '{',
  ];
  for (const body of json) assert.equal(parsePartialSuccess(Buffer.from(body), 'application/json'), undefined, body);
  for (let length = 0; length < 4; length += 1) {
    assert.equal(parsePartialSuccess(PARTIAL.subarray(0, length), 'application/x-protobuf'), undefined);
  }
  assert.equal(parsePartialSuccess(Buffer.from([0x0a, 0]), 'application/x-protobuf'), undefined);
});

test('no body makes the reader throw or count nonsense', () => {
  const types = fc.constantFrom('application/x-protobuf', 'application/json', 'text/html', 'text/plain', '');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), types, (body, type) => {
      const partial = parsePartialSuccess(body, type);
      assert.ok(partial === undefined || (Number.isSafeInteger(partial.rejectedItems) && partial.rejectedItems >= 0));
      assert.equal(typeof parseErrorMessage(body, type), 'string');
    }),
    { numRuns: 500 },
  );
});
