import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { connectRaw, exchangeRaw, observe, REQUEST, serve, until } from './observe.ts';

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

test('a client that leaves before the answer ends the span as aborted, once and without an error status', async () => {
  let closed = false;
  using served = await serve((_request, response) => {
    response.on('close', () => (closed = true));
  });
  {
    using connection = await connectRaw(served.port);
    connection.socket.write(REQUEST);
    await until('the request', () => observed.sampled.length === 1);
  }
  const span = await serverSpan();
  assert.deepEqual(span.status, { code: SpanStatusCode.UNSET });
  assert.equal(span.attributes['error.type'], 'aborted');
  assert.equal(span.attributes['http.response.status_code'], undefined);
  assert.equal(closed, true);
  const [point] = await durations(undefined);
  assert.equal(point?.attributes['error.type'], 'aborted');
});

test('a client that leaves in the middle of the answer ends the span with the status it was sent', async () => {
  using served = await serve((_request, response) => {
    response.writeHead(206);
    response.write('half');
  });
  {
    using connection = await connectRaw(served.port);
    connection.socket.write(REQUEST);
    await until('half the answer', () => connection.text().includes('half'));
  }
  const span = await serverSpan();
  assert.equal(span.attributes['http.response.status_code'], 206);
  assert.equal(span.attributes['error.type'], 'aborted');
});

test('a response destroyed with an error is a failure of the server', async () => {
  using served = await serve((_request, response) => {
    response.write('half');
    response.destroy(new RangeError('broken source'));
  });
  await exchangeRaw(served.port, REQUEST);
  const span = await serverSpan();
  assert.deepEqual(span.status, { code: SpanStatusCode.ERROR, message: 'broken source' });
  assert.equal(span.attributes['error.type'], 'RangeError');
  assert.equal(span.events[0]?.name, 'exception');
});

test('a response destroyed because the client left is no failure of the server', async () => {
  using served = await serve((_request, response) => {
    response.write('half');
    response.on('close', () => response.destroy(new Error('premature close')));
  });
  {
    using connection = await connectRaw(served.port);
    connection.socket.write(REQUEST);
    await until('half the answer', () => connection.text().includes('half'));
  }
  const span = await serverSpan();
  assert.deepEqual([span.status.code, span.attributes['error.type']], [SpanStatusCode.UNSET, 'aborted']);
});

test('a connection that times out ends the span as aborted', async () => {
  using served = await serve((_request, response) => void response.setTimeout(20));
  await exchangeRaw(served.port, REQUEST);
  assert.equal((await serverSpan()).attributes['error.type'], 'aborted');
});

test('attributes set in a listener of the response’s close are kept', async () => {
  using served = await serve((_request, response) => {
    const span = trace.getActiveSpan();
    response.on('close', () => span?.setAttribute('late', true));
    response.end();
  });
  await exchangeRaw(served.port, REQUEST);
  assert.equal((await serverSpan()).attributes['late'], true);
});

test('requests on one connection have a span each: keep-alive and pipelining', async () => {
  using served = await serve((request, response) => {
    setTimeout(() => response.end(), request.url === '/1' ? 20 : 0);
  });
  const one = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
  await exchangeRaw(served.port, one('/1') + one('/2') + one('/3', 'Connection: close\r\n'));
  const spans = await observed.ended(SpanKind.SERVER, 3);
  assert.deepEqual(
    spans.map((span) => [span.attributes['url.path'], span.attributes['error.type']]),
    [
      ['/1', undefined],
      ['/2', undefined],
      ['/3', undefined],
    ],
  );
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 3);
  assert.ok(spans.every((span) => span.parentSpanContext === undefined));
});

test('pipelined requests that wait for their turn end with their connection, without a warning about listeners', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  const bodies: Promise<unknown>[] = [];
  using served = await serve((request) => void bodies.push(once(request.resume(), 'end')));
  {
    using connection = await connectRaw(served.port);
    connection.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(30));
    await until('all requests', () => bodies.length === 30);
    await Promise.all(bodies);
  }
  const spans = await observed.ended(SpanKind.SERVER, 30);
  assert.ok(spans.every((span) => span.attributes['error.type'] === 'aborted'));
  process.off('warning', warn);
  assert.deepEqual(warnings, []);
});

test('responses without a body end their spans: HEAD, 204, 304', async () => {
  using served = await serve((request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end();
  });
  await exchangeRaw(served.port, 'HEAD /200 HTTP/1.0\r\n\r\n');
  await exchangeRaw(served.port, 'GET /204 HTTP/1.0\r\n\r\n');
  await exchangeRaw(served.port, 'GET /304 HTTP/1.0\r\n\r\n');
  const spans = await observed.ended(SpanKind.SERVER, 3);
  assert.deepEqual(
    spans.map((span) => [span.name, span.attributes['http.response.status_code'], span.attributes['error.type']]),
    [
      ['HEAD', 200, undefined],
      ['GET', 204, undefined],
      ['GET', 304, undefined],
    ],
  );
});
