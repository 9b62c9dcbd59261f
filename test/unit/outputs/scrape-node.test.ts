import { deepEqual, equal } from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { AnswerScrape } from '../../../src/outputs/scrape-answer.ts';
import { createNodeHandler } from '../../../src/outputs/scrape-node.ts';
import { httpRequest, type HttpTarget } from '../../support/http-request.ts';
import { until } from '../../support/until.ts';

/** An answer of so many bytes in two pieces, given when `ready` says so. */
function answerOf(pieceBytes: number, ready: () => Promise<void> = async () => undefined) {
  const seen = { asked: 0, released: 0 };
  const answer: AnswerScrape = async () => {
    seen.asked += 1;
    await ready();
    const body = [Buffer.alloc(pieceBytes, 'a'), Buffer.alloc(pieceBytes, 'b')];
    return { status: 200, headers: {}, body, bytes: 2 * pieceBytes, release: () => void (seen.released += 1) };
  };
  return { answer, seen };
}

async function serve(t: TestContext, ...given: Parameters<typeof createNodeHandler>): Promise<HttpTarget> {
  const server = createServer(createNodeHandler(...given));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('pieces arrive in order and are given back once they are sent', async (t) => {
  const { answer, seen } = answerOf(100_000);
  const target = await serve(t, answer);
  const { body } = await httpRequest(target);
  equal(body.toString(), 'a'.repeat(100_000) + 'b'.repeat(100_000));
  equal((await httpRequest(target, { method: 'HEAD' })).headers['content-length'], '200000');
  await until('release', () => seen.released === 2);
});

test('more answers under way than allowed are refused at once, and only then', async (t) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const { answer, seen } = answerOf(10, () => gate);
  const target = await serve(t, answer, { underWay: 2, answerMillis: 10_000 });
  const first = [httpRequest(target), httpRequest(target)];
  await until('two under way', () => seen.asked === 2);
  const refused = await httpRequest(target);
  deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
  open();
  for (const each of first) equal((await each).status, 200);
  equal((await httpRequest(target)).status, 200);
  await until('release', () => seen.released === 3);
});

test('a client that leaves early, and one that stops reading, give their place and page back', async (t) => {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const early = answerOf(10, () => gate);
  const leaving = await serve(t, early.answer, { underWay: 1, answerMillis: 10_000 });
  const socket = connect(leaving.port, leaving.host, () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  await until('asked', () => early.seen.asked === 1);
  socket.destroy();
  await until('its place', async () => {
    const pending = httpRequest(leaving);
    open();
    return (await pending).status === 200;
  });
  await until('release', () => early.seen.released === early.seen.asked);

  const slow = answerOf(20_000_000);
  const stalled = await serve(t, slow.answer, { underWay: 1, answerMillis: 200 });
  const reader = connect(stalled.port, stalled.host, () => reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).pause();
  reader.on('error', () => undefined);
  t.after(() => reader.destroy());
  await until('release', () => slow.seen.released === 1);
});

test('requests queued on a connection that ends, and clients that left before, take no place', async (t) => {
  const { answer, seen } = answerOf(1_000_000);
  const target = await serve(t, answer, { underWay: 60, answerMillis: 60_000 });
  for (let round = 0; round < 3; round += 1) {
    const socket = connect(target.port, target.host, () =>
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50)),
    );
    socket.on('error', () => undefined).once('data', () => socket.destroy());
    await new Promise((resolve) => socket.once('close', resolve));
    await until('a place', async () => (await httpRequest(target)).status === 200);
  }
  await until('release', () => seen.released === seen.asked);

  const late = answerOf(10);
  const handler = createNodeHandler(late.answer, { underWay: 1, answerMillis: 60_000 });
  const server = createServer((request, response) => {
    if (request.url === '/late') response.once('close', () => setImmediate(() => handler(request, response)));
    else handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const gone = connect(port, '127.0.0.1', () =>
    gone.end('GET /late HTTP/1.1\r\nHost: x\r\n\r\n', () => gone.destroy()),
  );
  gone.on('error', () => undefined);
  await until('the late call', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return gone.destroyed;
  });
  equal((await httpRequest({ host: '127.0.0.1', port })).status, 200);
});
