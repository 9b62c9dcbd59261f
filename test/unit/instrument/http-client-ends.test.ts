import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage, request as httpRequest } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { observe, serve, until } from './observe.ts';

const observed = observe();
afterEach(() => observed.clear());

async function clientSpan() {
  const [span] = await observed.ended(SpanKind.CLIENT);
  assert.ok(span);
  return span;
}

/** Reads a response to its end. */
async function read(request: ClientRequest): Promise<string> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return (await response.setEncoding('utf8').toArray()).join('');
}

test('4xx and 5xx are errors on the client’s side', async () => {
  using served = await serve((_request, response) => void response.writeHead(404).end());
  await read(get(served.url));
  const span = await clientSpan();
  assert.deepEqual([span.status.code, span.attributes['error.type']], [SpanStatusCode.ERROR, '404']);
});

test('a refused connection is a failure with its code, and the application gets its error', async () => {
  const free = createNetServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const [error] = (await once(get({ port, host: '127.0.0.1' }), 'error').then(
    (values) => values,
    (cause: unknown) => [cause],
  )) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
  const span = await clientSpan();
  assert.equal(span.status.code, SpanStatusCode.ERROR);
  assert.equal(span.attributes['error.type'], 'ECONNREFUSED');
  assert.equal(span.attributes['server.port'], port);
  assert.equal(span.events[0]?.name, 'exception');
  const points = await observed.points('http.client.request.duration');
  assert.ok(points.some(({ attributes }) => attributes['error.type'] === 'ECONNREFUSED'));
});

test('a connection reset before and in the middle of the response is a failure', async () => {
  using before = await serve((request) => void request.socket.destroy());
  await assert.rejects(read(get(before.url)), { code: 'ECONNRESET' });
  using middle = await serve((request, response) => {
    response.write('half', () => request.socket.destroy());
  });
  await assert.rejects(read(get(middle.url)), { code: 'ECONNRESET' });
  const spans = await observed.ended(SpanKind.CLIENT, 2);
  assert.deepEqual(
    spans.map(({ status, attributes }) => [
      status.code,
      attributes['error.type'],
      attributes['http.response.status_code'],
    ]),
    [
      [SpanStatusCode.ERROR, 'ECONNRESET', undefined],
      [SpanStatusCode.ERROR, 'ECONNRESET', 200],
    ],
  );
});

test('cancelling is no failure; the program’s own time limit is one', async () => {
  using served = await serve(() => undefined);
  const controller = new AbortController();
  const cancelled = read(get(served.url, { signal: controller.signal }));
  await until('the request', () => observed.sampled.some(({ kind }) => kind === SpanKind.SERVER));
  controller.abort();
  await assert.rejects(cancelled, { name: 'AbortError' });
  const first = await clientSpan();
  assert.deepEqual([first.status.code, first.attributes['error.type']], [SpanStatusCode.UNSET, 'AbortError']);
  observed.clear();
  await assert.rejects(read(get(served.url, { signal: AbortSignal.timeout(20) })));
  const second = await clientSpan();
  assert.deepEqual([second.status.code, second.attributes['error.type']], [SpanStatusCode.ERROR, 'TimeoutError']);
});

test('a response nobody listens for, and one that is destroyed unread, end their spans', async () => {
  using served = await serve((_request, response) => {
    response.write('x'.repeat(200_000));
    response.end();
  });
  get(served.url);
  await clientSpan();
  observed.clear();
  const [response] = (await once(get(served.url), 'response')) as [IncomingMessage];
  response.destroy();
  const span = await clientSpan();
  assert.deepEqual([span.status.code, span.attributes['error.type']], [SpanStatusCode.UNSET, 'aborted']);
});

test('HEAD, 204 and 304 end their spans', async () => {
  using served = await serve((request, response) => void response.writeHead(Number(request.url?.slice(1))).end());
  await read(httpRequest(`${served.url}/200`, { method: 'HEAD' }).end());
  await read(get(`${served.url}/204`));
  await read(get(`${served.url}/304`));
  const spans = await observed.ended(SpanKind.CLIENT, 3);
  assert.deepEqual(
    spans.map(({ name, attributes }) => [name, attributes['http.response.status_code'], attributes['error.type']]),
    [
      ['HEAD', 200, undefined],
      ['GET', 204, undefined],
      ['GET', 304, undefined],
    ],
  );
});

test('an upgraded request ends with its status 101', async () => {
  using served = await serve();
  served.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    socket.end();
  });
  const request = get(served.url, { headers: { Connection: 'Upgrade', Upgrade: 'x' } });
  const [, socket] = (await once(request, 'upgrade')) as [unknown, { destroy(): void }];
  const span = await clientSpan();
  assert.deepEqual([span.attributes['http.response.status_code'], span.attributes['error.type']], [101, undefined]);
  socket.destroy();
});

test('a request the constructor refuses throws as before', () => {
  assert.throws(() => get({ path: '/with space' }), { code: 'ERR_UNESCAPED_CHARACTERS' });
  assert.deepEqual(observed.spans(), []);
});

test('a tunnel asked for with CONNECT names the proxy and ends with its status', async () => {
  using served = await serve();
  served.server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connected\r\n\r\n'));
  const request = httpRequest({
    port: served.port,
    host: '127.0.0.1',
    method: 'CONNECT',
    path: 'far.example:443',
  }).end();
  await once(request, 'connect');
  const span = await clientSpan();
  assert.deepEqual([span.name, span.attributes['url.full']], ['CONNECT', served.url]);
  assert.deepEqual([span.attributes['http.response.status_code'], span.status.code], [200, SpanStatusCode.UNSET]);
});
