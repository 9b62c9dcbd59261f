import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decodeEnvelope } from '../../../src/receiver/envelope.ts';
import { categoryOf, writeEnvelope } from '../../../src/sentry/envelope.ts';

suite('envelopes', () => {
  test('are read by a receiver as they were written, texts of any script and bytes included', () => {
    const event = { message: 'Grüße 👋\nzwei', list: [1, null] };
    const bytes = writeEnvelope([
      { event_id: 'e1', sent_at: 'never', dsn: 'https://key@host/1' },
      [
        [{ type: 'event' }, event],
        [{ type: 'attachment', filename: 'a.bin' }, Uint8Array.of(10, 0, 255)],
      ],
    ]);
    const decoded = decodeEnvelope(bytes, '1');
    assert.ok(decoded.ok);
    const [envelope] = decoded.value;
    assert.deepEqual(envelope?.header, { event_id: 'e1', sdk: {} });
    assert.deepEqual(envelope.items[0]?.payload, event);
    assert.deepEqual(envelope.items[1]?.payload, Uint8Array.of(10, 0, 255));
    assert.equal(envelope.items[0].header['length'], Buffer.byteLength(JSON.stringify(event)));
  });

  test('what cannot be JSON does not keep the rest from being sent', () => {
    const cycle: Record<string, unknown> = { ok: 1, big: 10n };
    cycle['self'] = cycle;
    const trap = {
      get read(): never {
        throw new Error('x');
      },
    };
    const event = { extra: cycle, contexts: { trap }, level: 'error' };
    const decoded = decodeEnvelope(writeEnvelope([{}, [[{ type: 'event' }, event]]]), '1');
    assert.ok(decoded.ok);
    const payload = decoded.value[0]?.items[0]?.payload as { level: string; extra: { ok: number; big: string } };
    assert.deepEqual([payload.level, payload.extra.ok, payload.extra.big], ['error', 1, '10']);
  });

  test('belong to the category of their first item', () => {
    const categories = ['event', 'transaction', 'log', 'trace_metric', 'check_in', 'something_new'].map((type) =>
      categoryOf([{}, [[{ type }, {}]]]),
    );
    assert.deepEqual(categories, ['error', 'transaction', 'log_item', 'trace_metric', 'monitor', 'default']);
    assert.equal(categoryOf([{}, []]), 'default');
  });
});
