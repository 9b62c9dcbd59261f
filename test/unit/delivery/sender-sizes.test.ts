/** How much a sender puts into one request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, createSenderFixture } from './fake-transport.ts';

const OK = answered(200);

test('a request that is too large is halved until it fits, and later ones are no larger', async () => {
  const sizeOf = (body: string): number => Number(/\[(\d+)\]/.exec(body)?.[1] ?? 100);
  const { send, stats, tries, time } = createSenderFixture((body) => (sizeOf(body) > 30 ? answered(413) : OK));
  send('a', 100);
  await time.advance(0);
  assert.equal(stats().sentItems, 100);
  assert.equal(stats().droppedItems.rejected, 0);
  assert.deepEqual(
    tries.map(({ body }) => body),
    ['a', 'a[50]', 'a[25]', 'a[25]', 'a[50]', 'a[25]', 'a[25]'],
  );
});

test('a single item that is too large is rejected, the others are not', async () => {
  const { send, stats, time } = createSenderFixture((body) => (body === 'huge' ? answered(413) : OK));
  send('huge', 1);
  send('fine', 1);
  await time.advance(0);
  assert.deepEqual([stats().sentItems, stats().droppedItems.rejected], [1, 1]);
});

test('after three failures in a row tries are probes, until one is accepted', async () => {
  const { send, stats, tries, time } = createSenderFixture((_, tried) => (tried < 5 ? answered(503) : OK));
  send('a', 400);
  await time.advance(60_000);
  assert.equal(stats().sentItems, 400);
  assert.deepEqual(
    tries.map(({ body }) => body),
    ['a', 'a', 'a', 'a[16]', 'a[16]', 'a[384]'],
  );
});

test('a refused credential costs one full request, the next ones are probes', async () => {
  const { send, stats, tries, time } = createSenderFixture(() => (time.now() < 5000 ? answered(401) : OK));
  send('a', 400);
  send('b', 400);
  await time.advance(30_000);
  assert.equal(stats().droppedItems.rejected, 400 + 16 + 16);
  assert.equal(stats().sentItems, 400 - 16 - 16);
  assert.equal(tries.length, 5);
});
