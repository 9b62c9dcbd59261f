import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from '../../support/fast-check.ts';
import { createNameUuid, SERVICE_INSTANCE_NAMESPACE } from '../../../src/config/name-uuid.ts';

const DNS_NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test('the example of RFC 9562 gives the UUID printed there', () => {
  assert.equal(createNameUuid(DNS_NAMESPACE, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('any name of any length gives what SHA-1 of node:crypto gives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      assert.equal(createNameUuid(SERVICE_INSTANCE_NAMESPACE, name), uuidByNode(SERVICE_INSTANCE_NAMESPACE, name));
    }),
  );
  // Lengths around the block boundary, where padding goes wrong.
  for (let length = 30; length < 130; length++) {
    const name = 'x'.repeat(length);
    assert.equal(createNameUuid(DNS_NAMESPACE, name), uuidByNode(DNS_NAMESPACE, name), `length ${length}`);
  }
});

function uuidByNode(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
