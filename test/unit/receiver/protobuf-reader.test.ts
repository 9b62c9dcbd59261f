import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { assert as assertProperty, uint8Array, property } from '../../support/fast-check.ts';
import { readProtobuf } from '../../../src/receiver/protobuf-reader.ts';
import { LOGS_REQUEST, METRICS_REQUEST, TRACES_REQUEST } from '../../../src/encode/otlp-schema.ts';
import { decodeLogs, decodeMetrics, decodeSpans } from '../../../src/receiver/otlp-items.ts';
import { fixed64Field, varint, wireField, wireMessage } from './protobuf-bytes.ts';

const TRACE_ID = Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex');
const SPAN_ID = Buffer.from('b7ad6b7169203331', 'hex');

/** A metrics request with one metric whose data is in field `number`. */
function metricBody(number: number, ...points: Uint8Array[]): Uint8Array {
  const data = wireMessage(number, ...points.map((point) => wireMessage(1, point)));
  return wireMessage(1, wireMessage(2, wireMessage(2, wireField(1, 'm'), data)));
}

function spanBody(...fields: Uint8Array[]): Uint8Array {
  return wireMessage(1, wireMessage(2, wireMessage(2, ...fields)));
}

function logBody(body: Uint8Array): Uint8Array {
  return wireMessage(1, wireMessage(2, wireMessage(2, wireMessage(5, body))));
}

function reasonOf(decoded: { ok: boolean; reason?: string }): string {
  assert.equal(decoded.ok, false);
  return decoded.reason ?? '';
}

suite('readProtobuf', () => {
  test('exemplars keep value, time, ids and filtered attributes', () => {
    const attribute = wireMessage(7, wireField(1, 'user'), wireMessage(2, wireField(1, 'u1')));
    const exemplar = wireMessage(
      5,
      attribute,
      fixed64Field(2, 99n),
      wireField(3, 0.25),
      wireField(4, SPAN_ID),
      wireField(5, TRACE_ID),
    );
    const decoded = decodeMetrics(metricBody(7, Buffer.concat([fixed64Field(6, -3n), exemplar])), 'protobuf');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.points[0]?.value, -3);
    assert.deepEqual(decoded.value[0]?.points[0]?.exemplars, [
      {
        filteredAttributes: { user: 'u1' },
        timeNanos: 99n,
        value: 0.25,
        spanId: 'b7ad6b7169203331',
        traceId: '0af7651916cd43dd8448eb211c80319c',
      },
    ]);
  });

  test('summaries keep quantiles', () => {
    const quantile = wireMessage(6, wireField(1, 0.99), wireField(2, 12));
    const decoded = decodeMetrics(
      metricBody(11, Buffer.concat([fixed64Field(4, 7n), wireField(5, 1.5), quantile])),
      'protobuf',
    );
    assert.ok(decoded.ok);
    const point = decoded.value[0]?.points[0];
    assert.equal(decoded.value[0]?.type, 'summary');
    assert.equal(point?.count, 7);
    assert.equal(point?.sum, 1.5);
    assert.deepEqual(point?.quantiles, [{ quantile: 0.99, value: 12 }]);
  });

  test('repeated numbers are read packed and one by one', () => {
    const packed = Buffer.concat([
      fixed64Field(4, 2n),
      wireField(6, Buffer.concat([fixed64Field(0, 1n).subarray(1), fixed64Field(0, 1n).subarray(1)])),
    ]);
    const single = Buffer.concat([fixed64Field(4, 2n), fixed64Field(6, 1n), fixed64Field(6, 1n)]);
    const [first, second] = [packed, single].map((point) => decodeMetrics(metricBody(9, point), 'protobuf'));
    assert.deepEqual(first, second);
    assert.ok(first?.ok);
    assert.deepEqual(first.value[0]?.points[0]?.bucketCounts, [1, 1]);
  });

  test('64-bit attribute values stay exact, as bigint where a number cannot hold them', () => {
    for (const [wire, expected] of [
      [5n, 5],
      [-1n, -1],
      [2n ** 53n, 2n ** 53n],
      [-(2n ** 63n), -(2n ** 63n)],
    ] as const) {
      const decoded = decodeLogs(logBody(wireField(3, wire)), 'protobuf');
      assert.ok(decoded.ok);
      assert.equal(decoded.value[0]?.body, expected);
    }
  });

  test('an attribute named __proto__ is a plain key', () => {
    const attribute = wireMessage(9, wireField(1, '__proto__'), wireMessage(2, wireField(1, 'x')));
    const decoded = decodeSpans(spanBody(attribute), 'protobuf');
    assert.ok(decoded.ok);
    assert.deepEqual(Object.entries(decoded.value[0]?.attributes ?? {}), [['__proto__', 'x']]);
    assert.equal(Object.getPrototypeOf(decoded.value[0]?.attributes), Object.prototype);
  });

  test('a byte order mark at the start of a string stays', () => {
    const decoded = decodeLogs(logBody(wireField(1, '\uFEFFtext')), 'protobuf');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.body, '\uFEFFtext');
  });

  test('unknown fields of every wire type are skipped', () => {
    const fixed32 = Buffer.concat([varint((900n << 3n) | 5n), Buffer.alloc(4)]);
    const unknown = [wireField(901, 300n), wireField(902, 1.5), wireField(903, 'future'), fixed32];
    const decoded = decodeSpans(spanBody(...unknown, wireField(5, 'kept')), 'protobuf');
    assert.ok(decoded.ok);
    assert.equal(decoded.value[0]?.name, 'kept');
  });

  test('an empty body is a request without items', () => {
    assert.deepEqual(decodeSpans(new Uint8Array(), 'protobuf'), { ok: true, value: [] });
  });

  test('a length beyond the end, in any message, is refused with the place', () => {
    const body = Buffer.concat([Buffer.from([0x0a]), varint(1000n), Buffer.from('short')]);
    assert.match(reasonOf(readProtobuf(TRACES_REQUEST, body)), /byte 3 runs past the end/);
    const inner = wireMessage(1, Buffer.concat([Buffer.from([0x12, 0x7f]), Buffer.from('x')]));
    assert.match(
      reasonOf(readProtobuf(TRACES_REQUEST, Buffer.concat([inner, wireField(99, 'a'.repeat(200))]))),
      /past the end/,
    );
  });

  test('a wrong wire type, an overlong varint, a group and an id of the wrong size are refused', () => {
    assert.match(
      reasonOf(readProtobuf(TRACES_REQUEST, spanBody(wireField(5, 1n)))),
      /name has wire type 0 instead of 2/,
    );
    assert.match(reasonOf(readProtobuf(TRACES_REQUEST, Buffer.alloc(11, 0xff))), /longer than 10 bytes/);
    assert.match(reasonOf(readProtobuf(TRACES_REQUEST, Buffer.from([((99 << 3) & 0x7f) | 3]))), /wire type 3/);
    assert.match(reasonOf(readProtobuf(TRACES_REQUEST, spanBody(wireField(1, 'abc')))), /id has 3 bytes instead of 16/);
  });

  test('values nested too deep are refused instead of overflowing the stack', () => {
    let body: Uint8Array = wireField(1, 'x');
    for (let level = 0; level < 5000; level++) body = wireMessage(5, wireMessage(1, body));
    assert.match(reasonOf(readProtobuf(LOGS_REQUEST, logBody(body))), /nested deeper/);
  });

  test('any bytes are decoded or refused, never thrown at', () => {
    for (const schema of [TRACES_REQUEST, METRICS_REQUEST, LOGS_REQUEST]) {
      assertProperty(
        property(uint8Array({ maxLength: 200 }), (bytes) => typeof readProtobuf(schema, bytes).ok === 'boolean'),
      );
    }
  });

  test('a valid body cut off or damaged at any place is decoded or refused', () => {
    const attribute = wireMessage(
      9,
      wireField(1, 'key'),
      wireMessage(2, wireMessage(5, wireMessage(1, wireField(1, 'a')))),
    );
    const body = spanBody(wireField(1, TRACE_ID), wireField(2, SPAN_ID), wireField(5, 'name'), attribute);
    for (let at = 0; at < body.length; at++) {
      assert.equal(readProtobuf(TRACES_REQUEST, body.subarray(0, at)).ok, at === 0, `cut at ${at}`);
      for (const damage of [0, 0x7f, 0xff]) {
        const damaged = Buffer.from(body);
        damaged[at] = damage;
        assert.equal(typeof readProtobuf(TRACES_REQUEST, damaged).ok, 'boolean');
      }
    }
  });
});
