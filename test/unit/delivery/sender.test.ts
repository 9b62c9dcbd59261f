import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDeadline } from '../../../src/core/deadline.ts';
import type { TransportResult } from '../../../src/delivery/transport.ts';
import { answered, createSenderFixture, REFUSED, RESET } from './fake-transport.ts';

const OK = answered(200);
const never = (): Promise<TransportResult> => new Promise(() => undefined);
const seconds = (tries: readonly { readonly at: number }[]): number[] =>
  tries.map(({ at }) => Math.round(at / 100) / 10);

test('an accepted body is counted as sent', async () => {
  const { send, stats, reported, time } = createSenderFixture(() => OK);
  send('abc', 5);
  await time.advance(0);
  const { state, madeItems, sentItems, sentBytes, queuedItems } = stats();
  assert.deepEqual(
    { state, madeItems, sentItems, sentBytes, queuedItems },
    { state: 'healthy', madeItems: 5, sentItems: 5, sentBytes: 50, queuedItems: 0 },
  );
  assert.deepEqual(reported, ['opened', 'accepted']);
});

test('one request is under way at a time, in order', async () => {
  const waiting: (() => void)[] = [];
  const { send, tries, time } = createSenderFixture(() => new Promise((resolve) => waiting.push(() => resolve(OK))));
  for (const body of ['a', 'b', 'c']) send(body);
  for (const expected of ['a', 'ab', 'abc']) {
    await time.advance(0);
    assert.equal(tries.map(({ body }) => body).join(''), expected);
    waiting.shift()?.();
  }
});

test('what fails for a while is tried again by the schedule until it is accepted', async () => {
  const { send, tries, time, stats } = createSenderFixture((_, tried) => (tried < 5 ? answered(503) : OK));
  send('a', 10);
  await time.advance(60_000);
  assert.equal(stats().sentItems, 10);
  assert.deepEqual(seconds(tries), [0, 1, 3, 7, 15]);
  assert.equal(stats().retriedItems, 40);
  assert.equal(stats().lastError, '503 Service Unavailable');
  assert.equal(stats().state, 'healthy');
});

test('Retry-After is honoured, twice in a row, and loses nothing', async () => {
  const { send, tries, time, stats } = createSenderFixture((_, tried) =>
    tried < 3 ? answered(429, { 'retry-after': '30' }) : OK,
  );
  send('a');
  await time.advance(120_000);
  assert.equal(stats().sentItems, 1);
  assert.deepEqual(seconds(tries), [0, 30, 60]);
});

test('Retry-After: 0 is no invitation to hammer', async () => {
  const { send, tries, time } = createSenderFixture(() => answered(503, { 'retry-after': '0' }));
  send('a');
  await time.advance(10_000);
  assert.ok(tries.length <= 6, `${tries.length} tries`);
});

test('a minute of refused connections takes at most 10 tries and loses nothing', async () => {
  const { send, tries, time, stats } = createSenderFixture(() => (time.now() < 60_000 ? REFUSED : OK));
  for (let second = 0; second < 60; second += 1) {
    send(`${second}`);
    await time.advance(1000);
  }
  assert.ok(tries.length <= 10, `${tries.length} tries`);
  await time.advance(30_000);
  assert.equal(stats().sentItems, 60);
});

test('the retry budget ends what is never accepted, and the next one gets its turn', async () => {
  const { send, time, stats, reported } = createSenderFixture((body) => (body === 'poison' ? answered(504) : OK));
  send('poison', 3);
  send('next', 2);
  await time.advance(400_000);
  assert.equal(stats().sentItems, 2);
  assert.equal(stats().droppedItems.expired, 3);
  assert.ok(reported.includes('lost 3'));
});

test('a rejected body is dropped at once and the next one follows at once', async () => {
  const { send, time, stats, tries } = createSenderFixture((body) =>
    body === 'bad' ? answered(400, {}, 'malformed') : OK,
  );
  send('bad', 4);
  send('good');
  await time.advance(0);
  assert.equal(stats().lastError, '400 Bad Request: malformed');
  assert.equal(stats().sentItems, 1);
  assert.deepEqual(seconds(tries), [0, 0]);
  assert.equal(stats().droppedItems.rejected, 4);
  assert.equal(time.pending(), 0);
});

test('a refused credential costs one body, then the others wait for someone to mend it', async () => {
  const { send, time, tries, stats } = createSenderFixture(() => (time.now() < 20_000 ? answered(401) : OK));
  for (let index = 0; index < 100; index += 1) send(`${index}`);
  await time.advance(19_000);
  assert.ok(tries.length <= 8, `${tries.length} tries`);
  await time.advance(30_000);
  const { sentItems, droppedItems } = stats();
  assert.equal(sentItems + droppedItems.rejected, 100);
  assert.ok(sentItems >= 90);
});

test('a partial success counts what was left out and passes on the words', async () => {
  const body = JSON.stringify({ partialSuccess: { rejectedSpans: 7, errorMessage: 'too old' } });
  const { send, stats, reported, time } = createSenderFixture(() =>
    answered(200, { 'content-type': 'application/json' }, body),
  );
  send('a', 100);
  await time.advance(0);
  assert.equal(stats().sentItems, 93);
  assert.equal(stats().droppedItems.rejected, 7);
  assert.ok(reported.includes('left out 7 too old'));
});

test('a server that claims to have left out more than it got changes no account', async () => {
  const body = JSON.stringify({ partialSuccess: { rejectedSpans: 1e9 } });
  const { send, stats, time } = createSenderFixture(() => answered(200, { 'content-type': 'application/json' }, body));
  send('a', 100);
  await time.advance(0);
  const { sentItems, queuedItems, droppedItems } = stats();
  assert.deepEqual([sentItems, queuedItems, droppedItems.rejected], [0, 0, 100]);
});

test('what is given up while it waits is counted, and people hear of it', async () => {
  const { sender, send, stats, reported } = createSenderFixture(never);
  send('a', 5);
  sender.overrun(2, 20);
  assert.equal(stats().droppedItems.queue_full, 2);
  assert.equal(stats().queuedItems, 3);
  assert.equal(stats().lastError, 'telemetry is made faster than it is taken');
  assert.deepEqual(reported.slice(-2), ['lastingly failed queue_full', 'lost 2']);
});

test('a newer snapshot replaces a waiting one, and that is no loss', async () => {
  const { send, time, tries, stats, reported } = createSenderFixture((_, tried) => (tried < 3 ? RESET : OK), {
    signal: 'metrics',
    isSuperseding: true,
  });
  send('first');
  await time.advance(500);
  send('second');
  await time.advance(10_000);
  assert.equal(stats().sentItems, 1);
  assert.deepEqual(
    tries.map(({ body }) => body),
    ['first', 'second', 'second'],
  );
  assert.equal(stats().droppedItems.superseded, 1);
  assert.ok(!reported.some((event) => event.startsWith('lost')));
});

test('a drain of nothing is over at once', async () => {
  const { sender } = createSenderFixture(never);
  assert.deepEqual(await sender.drain(createDeadline(0)), { status: 'empty', queuedItems: 0 });
});

test('a drain waits for what is under way and queued', async () => {
  const { sender, send } = createSenderFixture(() => new Promise((resolve) => setTimeout(resolve, 20, OK)));
  for (const body of ['a', 'b']) send(body);
  assert.deepEqual(await sender.drain(createDeadline(5000)), { status: 'empty', queuedItems: 0 });
});

test('a drain tries what waits for its next try at once', async () => {
  const { sender, send, time } = createSenderFixture((_, tried) => (tried === 1 ? RESET : OK));
  send('a');
  await time.advance(0);
  assert.deepEqual(await sender.drain(createDeadline(5000)), { status: 'empty', queuedItems: 0 });
  assert.equal(time.now(), 0);
});

test('a drain is late when nobody answers, and what is queued stays queued', async () => {
  const { sender, send, stats } = createSenderFixture(never);
  send('a', 3);
  assert.deepEqual(await sender.drain(createDeadline(50)), { status: 'late', queuedItems: 3 });
  assert.equal(stats().queuedItems, 3);
});

for (const [title, result] of Object.entries({
  'refused connection': REFUSED,
  '401': answered(401),
  '404': answered(404),
})) {
  test(`a drain gives up at once on ${title}`, async () => {
    const { sender, send, tries } = createSenderFixture(() => result);
    for (const body of ['a', 'b', 'c']) send(body);
    const { status } = await sender.drain(createDeadline(60_000));
    assert.equal(status, 'stuck');
    assert.equal(tries.length, 1);
  });
}

test('a drain does not try before the time a destination asked for, nor waits for it in vain', async () => {
  const { sender, send, time, tries } = createSenderFixture(() => answered(429, { 'retry-after': '30' }));
  send('a');
  await time.advance(0);
  assert.deepEqual(await sender.drain(createDeadline(5000)), { status: 'stuck', queuedItems: 1 });
  assert.equal(tries.length, 1);
});

test('closing drops what is queued, counts it and aborts what is under way', async () => {
  const { sender, send, stats, reported, time } = createSenderFixture(never);
  send('a', 2);
  send('b', 3);
  sender.close();
  assert.equal(stats().droppedItems.closed, 5);
  assert.equal(stats().queuedItems, 0);
  assert.equal(stats().state, 'closed');
  await time.advance(0);
  assert.equal(reported.at(-1), 'closed');
  assert.equal(time.pending(), 0);
});

test('closing between two tries leaves no timer', async () => {
  const { sender, send, time } = createSenderFixture(() => RESET);
  send('a');
  await time.advance(100);
  assert.equal(time.pending(), 1);
  sender.close();
  await time.advance(0);
  assert.equal(time.pending(), 0);
});

test('closing ends a drain', async () => {
  const { sender, send } = createSenderFixture(never);
  send('a');
  const drained = sender.drain(createDeadline(60_000));
  sender.close();
  assert.deepEqual(await drained, { status: 'stuck', queuedItems: 0 });
});

test('a transport that breaks its promise costs one request, not the sender', async () => {
  const { send, stats, time } = createSenderFixture((body) => {
    if (body === 'broken') throw new Error('bug');
    return OK;
  });
  send('broken');
  send('fine');
  await time.advance(0);
  assert.deepEqual([stats().sentItems, stats().droppedItems.rejected], [1, 1]);
});
