import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, test } from 'node:test';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { connectRaw, exchangeRaw, observe, PARENT_ID, REQUEST, serve, TRACE_ID, until } from './observe.ts';

const observed = observe();
afterEach(() => observed.clear());

async function serverSpan() {
  const [span] = await observed.ended(SpanKind.SERVER);
  assert.ok(span);
  return span;
}

test('every callback of a request runs in its context, also those that come straight from the connection', async () => {
  const seen: Record<string, boolean> = {};
  using served = await serve((request, response) => {
    const span = trace.getActiveSpan();
    const see = (name: string) => () => (seen[name] = trace.getActiveSpan() === span && span !== undefined);
    request.on('data', see('data'));
    request.on('end', see('end'));
    response.on('finish', see('finish'));
    response.on('close', see('close'));
    setTimeout(see('timer'), 1);
    void Promise.resolve().then(see('promise'));
    request.on('end', () => response.end());
  });
  using connection = await connectRaw(served.port);
  connection.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc');
  await until('the first chunk', () => seen['data'] === true);
  delete seen['data'];
  connection.socket.write('def');
  await serverSpan();
  assert.deepEqual(seen, { data: true, end: true, finish: true, close: true, timer: true, promise: true });
});

test('the close of an aborted request runs in its context', async () => {
  let active: boolean | undefined;
  using served = await serve((_request, response) => {
    const span = trace.getActiveSpan();
    response.on('close', () => (active = trace.getActiveSpan() === span && span !== undefined));
  });
  {
    using connection = await connectRaw(served.port);
    connection.socket.write(REQUEST);
    await until('the request', () => observed.sampled.length === 1);
  }
  await serverSpan();
  assert.equal(active, true);
});

test('an event that comes from within the request keeps the context it comes from', async () => {
  let inner: string | undefined;
  using served = await serve((request, response) => {
    request.on('mine', () => (inner = (trace.getActiveSpan() as unknown as { name: string }).name));
    observed.tracerProvider.getTracer('app').startActiveSpan('work', (span) => {
      request.emit('mine');
      span.end();
      response.end();
    });
  });
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  assert.equal(inner, 'work');
});

test('200 concurrent requests each see their own trace', async () => {
  using served = await serve(async (request, response) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    const id = trace.getActiveSpan()?.spanContext().traceId;
    await new Promise((resolve) => setImmediate(resolve));
    response.end([request.headers['traceparent'], id, trace.getActiveSpan()?.spanContext().traceId].join(' '));
  });
  const ids = Array.from({ length: 200 }, (_, index) => (index + 1).toString(16).padStart(32, '0'));
  await Promise.all(
    ids.map(async (id) => {
      const request = get(served.url, { headers: { traceparent: `00-${id}-${PARENT_ID}-01` } });
      // The client span of this very request is between: the handler sees the trace of its header.
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const [header, first, second] = (await response.setEncoding('utf8').toArray()).join('').split(' ');
      assert.equal(first, header?.split('-')[1]);
      assert.equal(second, first);
    }),
  );
  const spans = await observed.ended(SpanKind.SERVER, 200);
  assert.equal(new Set(spans.map((span) => span.spanContext().spanId)).size, 200);
});

test('the trace goes on over two hops', async () => {
  using last = await serve((_request, response) => response.end('deep'));
  using first = await serve((_request, response) => {
    get(`${last.url}/last`, (inner) => inner.pipe(response));
  });
  await exchangeRaw(first.port, REQUEST);
  const servers = await observed.ended(SpanKind.SERVER, 2);
  const [client] = await observed.ended(SpanKind.CLIENT);
  const outer = servers.find((span) => span.attributes['url.path'] === '/path');
  const inner = servers.find((span) => span.attributes['url.path'] === '/last');
  assert.ok([outer, inner, client].every((span) => span?.spanContext().traceId === TRACE_ID));
  assert.equal(client?.parentSpanContext?.spanId, outer?.spanContext().spanId);
  assert.equal(inner?.parentSpanContext?.spanId, client?.spanContext().spanId);
});

test('a server started inside a span does not make its requests children of that span', async () => {
  const tracer = observed.tracerProvider.getTracer('app');
  const served = await tracer.startActiveSpan('boot', async (span) => {
    const made = await serve((_request, response) => response.end());
    span.end();
    return made;
  });
  using _ = served;
  await exchangeRaw(served.port, 'GET / HTTP/1.0\r\n\r\n');
  assert.equal((await serverSpan()).parentSpanContext, undefined);
});

test('a route given by a framework through RPC metadata names span and metric', async () => {
  using served = await serve((_request, response) => {
    const rpc = getRPCMetadata(context.active());
    assert.equal(rpc?.type, RPCType.HTTP);
    assert.equal(rpc?.span, trace.getActiveSpan());
    if (rpc) rpc.route = '/orders/:id';
    response.end();
  });
  await exchangeRaw(served.port, REQUEST);
  const span = await serverSpan();
  assert.equal(span.name, 'GET /orders/:id');
  assert.equal(span.attributes['http.route'], '/orders/:id');
  const points = await observed.points('http.server.request.duration');
  assert.ok(points.some((point) => point.attributes['http.route'] === '/orders/:id'));
});
