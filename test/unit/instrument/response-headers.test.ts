import assert from 'node:assert/strict';
import { get, type IncomingMessage, request as httpRequest } from 'node:http';
import { afterEach, test } from 'node:test';
import { SpanKind, trace } from '@opentelemetry/api';
import { observe, serve } from './observe.ts';

const observed = observe({ responseHeaders: ['x-request-id', 'server-timing', 'x-trace-id'] });
afterEach(() => observed.clear());

async function answer(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers }, resolve).on('error', reject);
  });
  response.resume();
  return response;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('every kind of head carries the id of the request and of its trace', async () => {
  using served = await serve((request, response) => {
    if (request.url === '/explicit') return void response.writeHead(200, { 'x-mine': 'a' }).end();
    if (request.url === '/raw') return void response.writeHead(200, ['X-Mine', 'a']).end();
    if (request.url === '/flushed') return (response.flushHeaders(), void response.end('later'));
    if (request.url === '/wiped') {
      response.setHeader('x-gone', '1');
      // As koa does before it answers with an error.
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.statusCode = 500;
      return void response.end('failed');
    }
    if (request.url === '/none') response.statusCode = 204;
    response.end();
  });
  for (const path of ['/plain', '/explicit', '/raw', '/flushed', '/wiped', '/none']) {
    observed.clear();
    const { headers } = await answer(served.url + path);
    const span = (await observed.ended(SpanKind.SERVER))[0]!;
    const { traceId, spanId } = span.spanContext();
    assert.match(String(headers['x-request-id']), UUID, path);
    assert.equal(headers['x-request-id'], span.attributes['request.id'], path);
    assert.equal(headers['x-trace-id'], traceId, path);
    assert.match(
      String(headers['server-timing']),
      new RegExp(String.raw`^total;dur=\d+\.\d, traceparent;desc="00-${traceId}-${spanId}-01"$`),
    );
    if (path === '/explicit' || path === '/raw') assert.equal(headers['x-mine'], 'a');
  }
  const sampled = observed.sampled.find(({ kind }) => kind === SpanKind.SERVER);
  assert.match(String(sampled?.attributes['request.id']), UUID);
});

test('a sane id of the client is taken over, any other replaced', async () => {
  using served = await serve((_request, response) => response.end());
  const idOf = async (sent: string): Promise<unknown> =>
    (await answer(served.url, { 'X-Request-ID': sent })).headers['x-request-id'];
  assert.equal(await idOf('req-1.a/b:c'), 'req-1.a/b:c');
  for (const sent of ['a b', 'a"b', '{}', 'x'.repeat(129), '<script>']) assert.match(String(await idOf(sent)), UUID);
});

test('what the application sets itself wins, and its timings come first', async () => {
  using served = await serve((request, response) => {
    response.setHeader('Server-Timing', ['db;dur=3', 'cache;dur=1']);
    if (request.url === '/head') return void response.writeHead(200, { 'X-Request-ID': 'mine' }).end();
    response.setHeader('x-request-id', 'mine').end();
  });
  for (const path of ['/head', '/set']) {
    const { headers } = await answer(served.url + path);
    assert.equal(headers['x-request-id'], 'mine');
    assert.match(String(headers['server-timing']), /^db;dur=3, cache;dur=1, total;dur=\d/);
  }
});

test('requests without a span have an id and a duration', async () => {
  using served = await serve((_request, response) => response.end(String(trace.getActiveSpan())));
  for (const path of ['/health', '/metrics?x=1']) {
    const { headers } = await answer(served.url + path);
    assert.match(String(headers['x-request-id']), UUID);
    assert.match(String(headers['server-timing']), /^total;dur=\d+\.\d$/);
    assert.equal(headers['x-trace-id'], undefined);
  }
  assert.deepEqual(observed.spans(SpanKind.SERVER), []);
});

test('informational responses carry nothing, the final one does', async () => {
  using served = await serve((_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.end();
  });
  const hints: string[][] = [];
  const response = await new Promise<IncomingMessage>((resolve) => {
    httpRequest(served.url, resolve)
      .on('information', ({ rawHeaders }) => hints.push(rawHeaders))
      .end();
  });
  response.resume();
  assert.deepEqual(hints, [['Link', '</a.css>; rel=preload']]);
  assert.match(String(response.headers['x-request-id']), UUID);
});

test('after stopping, responses are as they were', async () => {
  using served = await serve((_request, response) => response.end());
  await answer(served.url);
  observed.stop();
  assert.equal((await answer(served.url)).headers['x-request-id'], undefined);
});
