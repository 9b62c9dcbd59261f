import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { frameTraces } from '../../../src/encode/request-frame.ts';
import { createSpanEncoder } from '../../../src/encode/span.ts';
import { decodeSpans } from '../../../src/receiver/otlp-items.ts';
import { encodeItem, makeSpan } from './encode-support.ts';

const encoder = createSpanEncoder();

test('each scope keeps its spans, and scopes without any are left out', () => {
  const resource = resourceFromAttributes({ 'service.name': 'shop' });
  const slice = (name: string): Uint8Array => encodeItem(encoder, makeSpan({ name }));
  const many = Array.from({ length: 300 }, (_, index) => slice(`b${index}`));
  const body = frameTraces(resource, [
    { scope: { name: 'a', version: '1', schemaUrl: 'https://schema.test/a' }, slices: [slice('a1')] },
    { scope: { name: 'none' }, slices: [] },
    { scope: { name: 'b', attributes: { x: 1 } }, slices: many },
  ]);
  const decoded = decodeSpans(body, 'protobuf');
  assert.ok(decoded.ok);
  assert.equal(decoded.value.length, 301);
  assert.equal(decoded.value[0]?.scope.schemaUrl, 'https://schema.test/a');
  assert.deepEqual(decoded.value[300]?.scope.attributes, { x: 1 });
  assert.equal(decoded.value[300]?.serviceName, 'shop');
});

test('attributes of a resource that come late are in later requests', async () => {
  const resource = resourceFromAttributes({ 'service.name': Promise.resolve('late') });
  const frame = (): unknown => {
    const body = frameTraces(resource, [{ scope: { name: 'a' }, slices: [encodeItem(encoder, makeSpan())] }]);
    const decoded = decodeSpans(body, 'protobuf');
    return decoded.ok && decoded.value[0]?.serviceName;
  };
  assert.equal(frame(), '');
  await resource.waitForAsyncAttributes?.();
  assert.equal(frame(), 'late');
});
