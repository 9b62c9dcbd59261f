import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceUrlOf } from '../../../src/core/trace-url.ts';

const TEMPLATE = 'https://traces.example/{traceId}/{traceId}#{spanId}';
const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

test('every placeholder is filled in', () => {
  const { traceId, spanId } = SPAN;
  assert.equal(traceUrlOf(TEMPLATE, SPAN), `https://traces.example/${traceId}/${traceId}#${spanId}`);
});

test('a span no back end has is at no address', () => {
  assert.equal(traceUrlOf(TEMPLATE, undefined), undefined);
  assert.equal(traceUrlOf(TEMPLATE, { ...SPAN, traceFlags: 0 }), undefined);
  assert.equal(traceUrlOf(TEMPLATE, { ...SPAN, traceId: '0'.repeat(32) }), undefined);
  assert.equal(traceUrlOf(TEMPLATE, { ...SPAN, traceId: '"><script>' }), undefined);
});
