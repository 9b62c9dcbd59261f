import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decodeEnvelope } from '../../../src/receiver/envelope.ts';
import type { ReceivedEnvelope } from '../../../src/receiver/received.ts';

function decode(body: string | Uint8Array): ReceivedEnvelope {
  const decoded = decodeEnvelope(Buffer.from(body as Uint8Array), '42');
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.reason);
  const [envelope] = decoded.value;
  assert.ok(envelope);
  return envelope;
}

suite('decodeEnvelope', () => {
  test('items without a length end at the newline', () => {
    const envelope = decode('{"event_id":"e1"}\n{"type":"event"}\n{"message":"a"}\n{"type":"session"}\n{"sid":"s"}\n');
    assert.equal(envelope.project, '42');
    assert.deepEqual(envelope.header, { event_id: 'e1' });
    assert.deepEqual(
      envelope.items.map(({ type, payload }) => ({ type, payload })),
      [
        { type: 'event', payload: { message: 'a' } },
        { type: 'session', payload: { sid: 's' } },
      ],
    );
  });

  test('an item with a length may hold newlines and bytes that are no JSON', () => {
    const payload = Buffer.from([10, 0, 255, 10, 123]);
    const header = `{"type":"attachment","length":${payload.length}}`;
    const body = Buffer.concat([Buffer.from(`{}\n${header}\n`), payload, Buffer.from('\n{"type":"event"}\n{}')]);
    const { items } = decode(body);
    assert.deepEqual(items[0]?.payload, Uint8Array.from(payload));
    assert.deepEqual(items[1]?.payload, {});
  });

  test('a payload of length 0 at the end, and an envelope of a header alone, are legal', () => {
    assert.equal(decode('{}\n{"type":"attachment","length":0}').items.length, 1);
    assert.equal(decode('{}\n{"type":"attachment","length":0}\n\n').items.length, 1);
    assert.deepEqual(decode('{"event_id":"e"}').items, []);
  });

  test('a header that is no object and a length beyond the end are refused', () => {
    for (const body of [
      '',
      'x',
      '[]',
      '{}\nnope\n{}',
      '{}\n{"type":"event","length":99}\n{}',
      '{}\n{"type":"event","length":-1}\n{}',
    ]) {
      assert.equal(decodeEnvelope(Buffer.from(body), '1').ok, false, body);
    }
  });
});
