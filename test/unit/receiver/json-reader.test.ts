import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { assert as assertProperty, jsonValue, property } from '../../support/fast-check.ts';
import { readJson } from '../../../src/receiver/json-reader.ts';
import { decodeLogs, decodeMetrics, decodeSpans } from '../../../src/receiver/otlp-items.ts';
import { TRACES_REQUEST } from '../../../src/encode/otlp-schema.ts';

function bytes(value: unknown): Uint8Array {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

function spans(...items: object[]): Uint8Array {
  return bytes({ resourceSpans: [{ scopeSpans: [{ spans: items }] }] });
}

function logWithBody(body: unknown): Uint8Array {
  return bytes({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body }] }] }] });
}

suite('readJson', () => {
  test('64-bit integers are read from text and from numbers', () => {
    const decoded = decodeSpans(spans({ startTimeUnixNano: '1700000000123456789', endTimeUnixNano: 5 }), 'json');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.startNanos, 1_700_000_000_123_456_789n);
    assert.equal(decoded.value[0]?.endNanos, 5n);
  });

  test('an integer value too large for a number is a bigint', () => {
    const decoded = decodeLogs(logWithBody({ intValue: '9007199254740993' }), 'json');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.body, 9_007_199_254_740_993n);
  });

  test('ids of upper-case hex are handed out in lower case', () => {
    const decoded = decodeSpans(spans({ traceId: 'AB'.repeat(16), spanId: 'CD'.repeat(8) }), 'json');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.traceId, 'ab'.repeat(16));
    assert.equal(decoded.value[0]?.spanId, 'cd'.repeat(8));
  });

  test('null and a missing member are both the default', () => {
    assert.deepEqual(
      decodeSpans(spans({ name: null, attributes: null, status: null }), 'json'),
      decodeSpans(spans({}), 'json'),
    );
  });

  test('not-a-number and the infinities are read from their names', () => {
    const points = ['NaN', 'Infinity', '-Infinity', 1.5].map((asDouble) => ({ asDouble }));
    const body = bytes({
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: points } }] }] }],
    });
    const decoded = decodeMetrics(body, 'json');
    assert.ok(decoded.ok);
    assert.deepEqual(
      decoded.value[0]?.points.map(({ value }) => value),
      [NaN, Infinity, -Infinity, 1.5],
    );
  });

  test('members with a value of the wrong form are refused by name', () => {
    const wrong: Record<string, unknown> = {
      traceId: 'xyz',
      spanId: 'abcd',
      name: 7,
      kind: 'SPAN_KIND_SERVER',
      startTimeUnixNano: '-1',
      endTimeUnixNano: 1.5,
      attributes: {},
      flags: 'many',
    };
    for (const [name, value] of Object.entries(wrong)) {
      const decoded = decodeSpans(spans({ [name]: value }), 'json');
      assert.equal(decoded.ok, false, name);
      assert.match(decoded.ok ? '' : decoded.reason, new RegExp(name));
    }
    assert.equal(decodeSpans(spans({ status: 'ok' }), 'json').ok, false);
  });

  test('text that is no JSON and JSON that is no object are refused', () => {
    for (const text of ['', '{', 'null', '[]', '7'])
      assert.equal(readJson(TRACES_REQUEST, bytes(text)).ok, false, text);
  });

  test('values nested too deep are refused instead of overflowing the stack', () => {
    const text = '{"arrayValue":{"values":['.repeat(2000) + ']}}'.repeat(2000);
    assert.equal(
      decodeLogs(bytes(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${text}}]}]}]}`), 'json').ok,
      false,
    );
  });

  test('any JSON is decoded or refused, never thrown at', () => {
    assertProperty(
      property(jsonValue(), (value) => {
        const inSpan = spans({ name: value, attributes: [value], status: value, traceId: value });
        return (
          typeof readJson(TRACES_REQUEST, bytes(value)).ok === 'boolean' &&
          typeof decodeSpans(inSpan, 'json').ok === 'boolean'
        );
      }),
    );
  });
});
