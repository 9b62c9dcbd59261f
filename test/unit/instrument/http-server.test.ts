import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, get as httpsGet } from 'node:https';
import { afterEach, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { CERTIFICATE } from './certificate.ts';
import { exchangeRaw, observe, PARENT_ID, pick, REQUEST, serve, TRACE_ID, until } from './observe.ts';

const observed = observe();
afterEach(() => observed.clear());

async function serverSpan() {
  const [span] = await observed.ended(SpanKind.SERVER);
  assert.ok(span);
  return span;
}

async function durations(status: number | undefined) {
  const points = await observed.points('http.server.request.duration');
  return points.filter((point) => point.attributes['http.response.status_code'] === status);
}

test('a request makes one SERVER span with stable attributes under the incoming parent', async () => {
  using served = await serve((_request, response) => response.end('ok'));
  await exchangeRaw(served.port, REQUEST);
  const span = await serverSpan();
  assert.equal(span.name, 'GET');
  assert.equal(span.spanContext().traceId, TRACE_ID);
  assert.equal(span.parentSpanContext?.spanId, PARENT_ID);
  assert.equal(span.parentSpanContext?.isRemote, true);
  assert.deepEqual(span.status, { code: SpanStatusCode.UNSET });
  const { 'network.peer.port': peerPort, ...attributes } = span.attributes;
  assert.equal(typeof peerPort, 'number');
  assert.deepEqual(attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/path',
    'url.query': 'q=1',
    'server.address': 'shop.example',
    'server.port': 8080,
    'network.peer.address': '127.0.0.1',
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'raw',
    'http.response.status_code': 200,
  });
  assert.equal(observed.spans().length, 1);
});

test('a sampler sees all attributes of the request when the span starts', async () => {
  using served = await serve((_request, response) => response.end());
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  const [seen] = observed.sampled;
  assert.deepEqual([seen?.kind, seen?.name], [SpanKind.SERVER, 'GET']);
  const expected = {
    'url.path': '/path',
    'url.query': 'q=1',
    'server.address': 'shop.example',
    'user_agent.original': 'raw',
  };
  assert.deepEqual(pick(seen?.attributes ?? {}, expected), expected);
});

test('an unsampled request makes no span, passes its decision on and is still measured', async () => {
  let flags: number | undefined;
  using served = await serve((_request, response) => {
    flags = trace.getActiveSpan()?.spanContext().traceFlags;
    response.statusCode = 207;
    response.end();
  });
  await exchangeRaw(served.port, 'GET /unsampled HTTP/1.0\r\n\r\n');
  assert.equal(flags, 0);
  const points = await durations(207);
  assert.equal(points.length, 1);
  assert.equal(observed.spans().length, 0);
});

test('the duration is measured in seconds, with the boundaries of the conventions and few labels', async () => {
  using served = await serve((_request, response) => {
    response.statusCode = 226;
    response.end();
  });
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  const [point] = await durations(226);
  assert.deepEqual(point?.attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'network.protocol.version': '1.1',
    'http.response.status_code': 226,
  });
  assert.ok(point);
  const { sum, buckets } = point.value as { sum: number; buckets: { boundaries: number[] } };
  assert.ok(sum > 0 && sum < 5);
  assert.deepEqual(buckets.boundaries, [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
});

test('active requests count up when a request starts and down when its response closes', async () => {
  const held: ServerResponse[] = [];
  using served = await serve((_request, response) => void held.push(response));
  const active = async (): Promise<unknown> => {
    const points = await observed.points('http.server.active_requests');
    return points.find((point) => point.attributes['http.request.method'] === 'PUT')?.value;
  };
  const responses = [1, 2].map(async () => {
    const request = httpRequest(served.url, { method: 'PUT', agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
  });
  await until('two requests', () => held.length === 2);
  assert.equal(await active(), 2);
  for (const response of held) response.end();
  await Promise.all(responses);
  await observed.ended(SpanKind.SERVER, 2);
  assert.equal(await active(), 0);
});

test('a status of 5xx is an error, a status of 4xx is the caller’s', async () => {
  using served = await serve((request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end();
  });
  await exchangeRaw(served.port, 'GET /503 HTTP/1.0\r\n\r\n');
  await exchangeRaw(served.port, 'GET /404 HTTP/1.0\r\n\r\n');
  const [failed, missing] = await observed.ended(SpanKind.SERVER, 2);
  assert.deepEqual([failed?.status.code, failed?.attributes['error.type']], [SpanStatusCode.ERROR, '503']);
  assert.deepEqual([missing?.status.code, missing?.attributes['error.type']], [SpanStatusCode.UNSET, undefined]);
  const [point] = await durations(503);
  assert.equal(point?.attributes['error.type'], '503');
});

test('a method outside the known ones is _OTHER, with the original beside it', async () => {
  using served = await serve((_request, response) => response.end());
  await exchangeRaw(served.port, 'PROPFIND / HTTP/1.0\r\n\r\n');
  const span = await serverSpan();
  assert.equal(span.name, 'HTTP');
  assert.equal(span.attributes['http.request.method'], '_OTHER');
  assert.equal(span.attributes['http.request.method_original'], 'PROPFIND');
});

test('https servers and clients are traced, with their scheme and default port', async () => {
  const server = createTlsServer(CERTIFICATE);
  using served = await serve((_request, response) => response.end('secret'), server);
  const request = httpsGet({
    port: served.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    headers: { host: 'safe.example' },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  const span = await serverSpan();
  const expected = { 'url.scheme': 'https', 'server.address': 'safe.example', 'server.port': 443 };
  assert.deepEqual(pick(span.attributes, expected), expected);
  const [client] = await observed.ended(SpanKind.CLIENT);
  assert.equal(span.parentSpanContext?.spanId, client?.spanContext().spanId);
  const reached = {
    'server.address': '127.0.0.1',
    'server.port': served.port,
    'url.full': `https://127.0.0.1:${served.port}/`,
  };
  assert.deepEqual(pick(client?.attributes ?? {}, reached), reached);
});

test('an unusual request target is taken apart without failing', async () => {
  using served = await serve((_request, response) => response.end());
  for (const target of ['http://other.example/a?b=1&sig=x', '*', '//a/b', '/?', 'http://other.example'])
    await exchangeRaw(served.port, `OPTIONS ${target} HTTP/1.0\r\n\r\n`);
  const spans = await observed.ended(SpanKind.SERVER, 5);
  assert.deepEqual(
    spans.map(({ attributes }) => [attributes['url.path'], attributes['url.query']]),
    [
      ['/a', 'b=1&sig=REDACTED'],
      ['*', undefined],
      ['//a/b', undefined],
      ['/', undefined],
      ['/', undefined],
    ],
  );
});
