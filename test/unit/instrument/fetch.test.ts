import assert from 'node:assert/strict';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { observe, pick, serve, until } from './observe.ts';

const observed = observe();
afterEach(() => observed.clear());

async function clientSpan() {
  const [span] = await observed.ended(SpanKind.CLIENT);
  assert.ok(span);
  return span;
}

test('fetch makes one CLIENT span, a child of the active one, and carries its trace', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  const tracer = observed.tracerProvider.getTracer('app');
  const header = await tracer.startActiveSpan('work', async (span) => {
    const text = await (await fetch(`${served.url}/items?q=1#part`, { headers: { 'user-agent': 'mine' } })).text();
    span.end();
    return text;
  });
  const span = await clientSpan();
  const { traceId, spanId } = span.spanContext();
  assert.equal(header, `00-${traceId}-${spanId}-01`);
  assert.equal(span.parentSpanContext?.spanId, observed.spans(SpanKind.INTERNAL)[0]?.spanContext().spanId);
  assert.equal(observed.spans(SpanKind.SERVER)[0]?.parentSpanContext?.spanId, spanId);
  assert.equal(span.name, 'GET');
  assert.deepEqual(span.attributes, {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': served.port,
    'url.full': `${served.url}/items?q=1`,
    'user_agent.original': 'mine',
    'network.peer.address': '127.0.0.1',
    'network.peer.port': served.port,
    'network.protocol.version': '1.1',
    'http.response.status_code': 200,
  });
});

test('the duration is measured under the same labels as that of http.request', async () => {
  using served = await serve((_request, response) => response.end());
  await (await fetch(served.url, { method: 'POST', body: 'x' })).text();
  await clientSpan();
  const points = await observed.points('http.client.request.duration');
  const point = points.find(({ attributes }) => attributes['server.port'] === served.port);
  assert.deepEqual(point?.attributes, {
    'http.request.method': 'POST',
    'server.address': '127.0.0.1',
    'server.port': served.port,
    'http.response.status_code': 200,
    'network.protocol.version': '1.1',
  });
});

test('a header the application set itself is replaced, not doubled', async () => {
  using served = await serve((request, response) => response.end(request.headers['traceparent']));
  const text = await (await fetch(served.url, { headers: { TraceParent: 'stale' } })).text();
  assert.match(text, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('each hop of a redirect is a request of its own', async () => {
  using served = await serve((request, response) => {
    if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
    else response.end(String(request.headers['traceparent']));
  });
  const header = await (await fetch(`${served.url}/old`)).text();
  const spans = await observed.ended(SpanKind.CLIENT, 2);
  assert.deepEqual(
    spans.map(({ attributes }) => attributes['http.response.status_code']),
    [302, 200],
  );
  assert.equal(header.split('-')[2], spans[1]?.spanContext().spanId);
});

test('a fetch under suppression makes no span and no header', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  const text = await context.with(suppressTracing(ROOT_CONTEXT), async () => (await fetch(served.url)).text());
  assert.equal(text, 'undefined');
  assert.deepEqual(observed.spans(SpanKind.CLIENT), []);
});

test('4xx and 5xx are errors on the client’s side', async () => {
  using served = await serve((_request, response) => void response.writeHead(503).end());
  await (await fetch(served.url)).text();
  const span = await clientSpan();
  assert.deepEqual([span.status.code, span.attributes['error.type']], [SpanStatusCode.ERROR, '503']);
});

test('a refused connection is a failure with its code, and fetch rejects as before', async () => {
  const free = createNetServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await assert.rejects(fetch(`http://127.0.0.1:${port}/?token=s3cret`), TypeError);
  const span = await clientSpan();
  assert.equal(span.status.code, SpanStatusCode.ERROR);
  assert.equal(span.attributes['error.type'], 'ECONNREFUSED');
  assert.equal(span.attributes['url.full'], `http://127.0.0.1:${port}/?token=REDACTED`);
});

test('cancelling is no failure; the program’s own time limit is one', async () => {
  using served = await serve(() => undefined);
  const controller = new AbortController();
  const cancelled = fetch(served.url, { signal: controller.signal });
  await until('the request', () => observed.sampled.some(({ kind }) => kind === SpanKind.SERVER));
  controller.abort();
  await assert.rejects(cancelled, { name: 'AbortError' });
  const first = await clientSpan();
  assert.deepEqual([first.status.code, first.attributes['error.type']], [SpanStatusCode.UNSET, 'AbortError']);
  observed.clear();
  await assert.rejects(fetch(served.url, { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
  const second = await clientSpan();
  assert.deepEqual([second.status.code, second.attributes['error.type']], [SpanStatusCode.ERROR, 'TimeoutError']);
});

test('a connection reset in the middle of the body is a failure', async () => {
  using served = await serve((request, response) => {
    response.write('half', () => request.socket.destroy());
  });
  await assert.rejects(async () => (await fetch(served.url)).text());
  const span = await clientSpan();
  assert.deepEqual([span.status.code, span.attributes['http.response.status_code']], [SpanStatusCode.ERROR, 200]);
  assert.equal(span.attributes['error.type'], 'UND_ERR_SOCKET');
});

test('a body cancelled unread ends its span', async () => {
  using served = await serve((_request, response) => {
    response.write('x'.repeat(500_000));
  });
  const response = await fetch(served.url);
  await response.body?.cancel();
  const span = await clientSpan();
  assert.equal(span.attributes['http.response.status_code'], 200);
  assert.equal(span.status.code, SpanStatusCode.UNSET);
});

test('a WebSocket handshake makes no span', async () => {
  using served = await serve();
  served.server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 400 No\r\n\r\n'));
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}`);
  await once(socket as unknown as EventTarget, 'error');
  assert.deepEqual(
    observed.sampled.filter(({ kind }) => kind === SpanKind.CLIENT),
    [],
  );
});

test('a request through a forwarding proxy names the server behind it', () => {
  // As undici 7 makes it with `proxyTunnel: false`; a message by hand, because Node's fetch cannot be told to.
  const request = {
    origin: 'http://api.example:8080',
    path: 'http://api.example:8080/v1?key=s3cret',
    method: 'GET',
    headers: [],
    addHeader: () => undefined,
  };
  channel('undici:request:create').publish({ request });
  const expected = { 'server.port': 8080, 'url.full': 'http://api.example:8080/v1?key=REDACTED' };
  assert.deepEqual(pick(observed.sampled[0]?.attributes ?? {}, expected), expected);
});
