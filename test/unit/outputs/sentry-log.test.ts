import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SentryLimits } from '../../../src/outputs/sentry-limits.ts';
import { type SentryCategory, SentryLog } from '../../../src/outputs/sentry-log.ts';
import type { Parcel } from '../../../src/delivery/outbox.ts';

function createLog() {
  const given: unknown[] = [];
  const overrun: number[] = [];
  const limits = new SentryLimits(() => 0);
  const log = new SentryLog(
    { overrun: (items) => overrun.push(items), giveUp: (items, _, { reason }) => given.push([items, reason]) },
    limits,
  );
  const append = (category: SentryCategory, name: string, padding = 0): void => {
    log.append(category, Buffer.from(`{"event_id":"${name}"}\n{"type":"event"}\n{${' '.repeat(padding)}}\n`));
  };
  return { log, limits, given, overrun, append };
}

const textOf = (parcel: Parcel | undefined): string => Buffer.from(parcel?.body().bytes ?? []).toString();
const nameOf = (parcel: Parcel | undefined): string | undefined => /"event_id":"(\w+)"/.exec(textOf(parcel))?.[1];

suite('log of envelopes', () => {
  test('one envelope is one request, errors first, with the time of sending in front', () => {
    const { log, append } = createLog();
    append('transaction', 't');
    append('error', 'e');
    assert.equal(log.waitingItems, 2);
    const parcel = log.take();
    assert.equal(parcel?.items, 1);
    assert.equal(parcel.body().contentType, 'application/x-sentry-envelope');
    const header = JSON.parse(textOf(parcel).split('\n')[0] ?? '') as Record<string, string>;
    assert.deepEqual(Object.keys(header), ['sent_at', 'event_id']);
    assert.ok(Math.abs(Date.parse(header['sent_at'] ?? '') - Date.now()) < 60_000);
    assert.deepEqual([nameOf(parcel), nameOf(log.take()), log.take()], ['e', 't', undefined]);
  });

  test('what Sentry wants none of is given up with its reason when its turn comes; the rest is not', () => {
    const { log, limits, given, append } = createLog();
    append('error', 'a');
    append('log_item', 'b');
    append('error', 'c');
    limits.note({ statusCode: 200, headers: { 'x-sentry-rate-limits': '60:error' } });
    assert.equal(nameOf(log.take()), 'b');
    assert.deepEqual(given, [
      [1, 'rate_limited'],
      [1, 'rate_limited'],
    ]);
    assert.equal(log.waitingItems, 0);
  });

  test('429 is final, other trouble is tried again', () => {
    const { log } = createLog();
    const context = { secrets: [], nowMillis: 0 };
    const answer = { status: 'answered', headers: {}, body: new Uint8Array() } as const;
    assert.equal(log.judge({ ...answer, statusCode: 429 }, context).status, 'rejected');
    assert.equal(log.judge({ ...answer, statusCode: 503 }, context).status, 'retryable');
    assert.equal(log.judge({ ...answer, statusCode: 200 }, context).status, 'accepted');
  });

  test('four megabytes are kept, errors longer than the rest', () => {
    const { log, overrun, append } = createLog();
    append('error', 'first');
    for (let each = 0; each < 50; each++) append('transaction', `t${each}`, 100_000);
    assert.ok(overrun.length > 0);
    assert.equal(nameOf(log.take()), 'first');
    assert.ok(log.waitingItems <= 42);
  });
});
