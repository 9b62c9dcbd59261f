import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpanEncoder } from '../../../src/encode/span.ts';
import { encodeItem, hostileValues, makeSpan, readSpans } from './encode-support.ts';

const encoder = createSpanEncoder();

test('hostile attributes are left out and counted, the others stay', () => {
  const hostile = hostileValues();
  const span = makeSpan({ attributes: { first: 1, ...hostile, last: 'x'.repeat(1024 * 1024) } });
  const [read] = readSpans(span, [encodeItem(encoder, span)]);
  assert.deepEqual(Object.keys(read?.attributes ?? {}), ['first', 'last']);
  assert.equal(read?.droppedAttributesCount, Object.keys(hostile).length);
});

test('an attribute whose getter throws is left out', () => {
  const attributes = {
    before: 1,
    get bad(): never {
      throw new Error('hostile');
    },
    after: 2,
  };
  const span = makeSpan({ attributes });
  const [read] = readSpans(span, [encodeItem(encoder, span)]);
  assert.deepEqual(read?.attributes, { before: 1, after: 2 });
  assert.equal(read?.droppedAttributesCount, 1);
});

test('a link with a malformed id is left out and counted, the span stays', () => {
  const good = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const links = [
    { context: { ...good, traceId: 'zz' } },
    { context: good },
    { context: { ...good, spanId: 'g'.repeat(16) } },
  ];
  const span = makeSpan({ links });
  const [read] = readSpans(span, [encodeItem(encoder, span)]);
  assert.equal(read?.links.length, 1);
  assert.equal(read?.droppedLinksCount, 2);
});

test('a span with a malformed id becomes no bytes, because a receiver would refuse the whole request', () => {
  for (const traceId of ['', 'abc', 'x'.repeat(32), '\u0130'.repeat(32)]) {
    const span = makeSpan({ spanContext: () => ({ traceId, spanId: 'b'.repeat(16), traceFlags: 1 }) });
    assert.equal(encodeItem(encoder, span).length, 0);
  }
});

test('slices stay as they are when later spans are encoded', () => {
  const span = makeSpan();
  const first = encodeItem(encoder, span);
  const kept = Buffer.from(first);
  for (let round = 0; round < 50; round++) encodeItem(encoder, makeSpan({ name: `other ${round}` }));
  assert.deepEqual(Buffer.from(first), kept);
});

test('a getter that has another span encoded disturbs neither', () => {
  const inner = makeSpan({ name: 'inner' });
  const slices: Uint8Array[] = [];
  const attributes = {
    before: 'x'.repeat(300),
    get nested() {
      slices.push(encodeItem(encoder, inner));
      return { deep: 'y'.repeat(40_000) };
    },
    after: 2,
  };
  const outer = makeSpan({ name: 'outer', attributes });
  slices.push(encodeItem(encoder, outer));
  const read = readSpans(outer, slices);
  assert.deepEqual(
    read.map(({ name }) => name),
    ['inner', 'outer'],
  );
  assert.deepEqual(Object.keys(read[1]?.attributes ?? {}), ['before', 'nested', 'after']);
});

test('more keys than are remembered do no harm', () => {
  for (let round = 0; round < 5000; round += 100) {
    const entries = Array.from({ length: 100 }, (_, index) => [`key.${round + index}`, index] as const);
    const attributes = Object.fromEntries(entries);
    const span = makeSpan({ attributes });
    assert.deepEqual(readSpans(span, [encodeItem(encoder, span)])[0]?.attributes, attributes);
  }
});

test('names that are no text do not cost the span', () => {
  for (const [name, expected] of [
    [42, '42'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), ''],
  ]) {
    const span = makeSpan({ name });
    assert.equal(readSpans(span, [encodeItem(encoder, span)])[0]?.name, expected);
  }
});

test('a remembered value is written for nothing but itself', () => {
  const rounds = [
    1,
    1,
    1,
    true,
    true,
    true,
    '1',
    '1',
    '1',
    1.5,
    1.5,
    null,
    1,
    ['1'],
    1,
    'y'.repeat(300),
    'y'.repeat(300),
  ];
  for (const value of rounds) {
    const events = [{ name: 'same key', time: [1, 2], attributes: { value } }];
    const span = makeSpan({ attributes: { value }, events });
    const [read] = readSpans(span, [encodeItem(encoder, span)]);
    assert.deepEqual(read?.attributes, { value });
    assert.deepEqual(read?.events[0]?.attributes, { value });
  }
});
