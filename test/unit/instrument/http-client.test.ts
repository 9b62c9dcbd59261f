import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type ClientRequest, get, type IncomingMessage, request as httpRequest } from 'node:http';
import { afterEach, test } from 'node:test';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { observe, pick, serve } from './observe.ts';

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

test('a request makes one CLIENT span, a child of the active one, and carries its trace', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  const tracer = observed.tracerProvider.getTracer('app');
  const header = await tracer.startActiveSpan('work', async (span) => {
    const text = await read(get(`${served.url}/items?q=1`, { headers: { 'User-Agent': 'mine' } }));
    span.end();
    return text;
  });
  const span = await clientSpan();
  const { traceId, spanId } = span.spanContext();
  assert.equal(header, `00-${traceId}-${spanId}-01`);
  const [work] = observed.spans(SpanKind.INTERNAL);
  assert.equal(span.parentSpanContext?.spanId, work?.spanContext().spanId);
  assert.equal(span.name, 'GET');
  assert.deepEqual(span.status, { code: SpanStatusCode.UNSET });
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

test('a sampler sees method, URL and server when the span starts', async () => {
  using served = await serve((_request, response) => response.end());
  await read(get(`${served.url}/?a=1`));
  const seen = observed.sampled.find(({ kind }) => kind === SpanKind.CLIENT);
  assert.deepEqual(seen?.attributes, {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': served.port,
    'url.full': `${served.url}/?a=1`,
  });
});

test('the duration is measured with method, server, status and protocol', async () => {
  using served = await serve((_request, response) => response.end());
  await read(get(served.url));
  await clientSpan();
  const points = await observed.points('http.client.request.duration');
  const point = points.find(({ attributes }) => attributes['server.port'] === served.port);
  assert.deepEqual(point?.attributes, {
    'http.request.method': 'GET',
    'server.address': '127.0.0.1',
    'server.port': served.port,
    'http.response.status_code': 200,
    'network.protocol.version': '1.1',
  });
});

test('baggage stays at home: no host is listed', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['baggage'])));
  const scope = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ tenant: { value: 'blue' } }));
  const request = context.with(scope, () => get(served.url));
  assert.equal(await read(request), 'undefined');
});

test('a header the application set itself is replaced, not doubled', async () => {
  using served = await serve((request, response) =>
    response.end(
      `${request.rawHeaders.filter((name) => /traceparent/i.test(name)).length} ${String(request.headers['traceparent'])}`,
    ),
  );
  const text = await read(get(served.url, { headers: { Traceparent: 'stale' } }));
  assert.match(text, /^1 00-[0-9a-f]{32}-/);
});

test('headers given as an array and Expect travel without the trace and still make a span', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  assert.equal(await read(get(served.url, { headers: ['X-Mine', 'yes', 'Host', 'a'] } as object)), 'undefined');
  assert.equal(await read(httpRequest(served.url, { headers: { Expect: '100-continue' } }).end()), 'undefined');
  const spans = await observed.ended(SpanKind.CLIENT, 2);
  assert.deepEqual(
    spans.map((span) => span.attributes['server.port']),
    [served.port, served.port],
  );
});

test('a request under suppression makes no span, no metric and no header', async () => {
  using served = await serve((request, response) => response.end(String(request.headers['traceparent'])));
  const request = context.with(suppressTracing(ROOT_CONTEXT), () => get(served.url));
  assert.equal(await read(request), 'undefined');
  await observed.ended(SpanKind.SERVER);
  assert.deepEqual(observed.spans(SpanKind.CLIENT), []);
  const points = await observed.points('http.client.request.duration');
  assert.ok(points.every(({ attributes }) => attributes['server.port'] !== served.port));
});

test('secrets in the query and credentials do not reach the span', async () => {
  using served = await serve((_request, response) => response.end());
  await read(get(`http://user:pa55@127.0.0.1:${served.port}/?api_key=s3cret&page=2`));
  const span = await clientSpan();
  assert.equal(span.attributes['url.full'], `${served.url}/?api_key=REDACTED&page=2`);
  assert.doesNotMatch(JSON.stringify(span.attributes), /pa55|s3cret/);
});

test('a request sent to a proxy in absolute form names the server behind it', async () => {
  using served = await serve((_request, response) => response.end());
  await read(get({ port: served.port, host: '127.0.0.1', path: 'http://me:pw@api.example:8443/v1?x=1' }));
  const span = await clientSpan();
  const expected = {
    'server.address': 'api.example',
    'server.port': 8443,
    'url.full': 'http://api.example:8443/v1?x=1',
  };
  assert.deepEqual(pick(span.attributes, expected), expected);
});

test('requests on one kept connection, also queued ones, have their own parents and callbacks in their own context', async () => {
  using served = await serve((_request, response) => setTimeout(() => response.end('ok'), 5));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const tracer = observed.tracerProvider.getTracer('app');
  const parents = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      tracer.startActiveSpan(name, async (span) => {
        await new Promise<void>((resolve) => {
          get(`${served.url}/${name}`, { agent }, (response) => {
            assert.equal(trace.getActiveSpan(), span);
            response.on('data', () => assert.equal(trace.getActiveSpan(), span));
            response.on('end', () => {
              assert.equal(trace.getActiveSpan(), span);
              resolve();
            });
          });
        });
        span.end();
        return span.spanContext().spanId;
      }),
    ),
  );
  agent.destroy();
  const spans = await observed.ended(SpanKind.CLIENT, 3);
  const byPath = spans.toSorted((one, other) =>
    String(one.attributes['url.full']).localeCompare(String(other.attributes['url.full'])),
  );
  assert.deepEqual(
    byPath.map((span) => span.parentSpanContext?.spanId),
    parents,
  );
});

test('the body of a streamed upload and download arrives unchanged', async () => {
  using served = await serve((request, response) => request.pipe(response));
  const request = httpRequest(served.url, { method: 'POST' });
  const chunks = Array.from({ length: 50 }, (_, index) => String(index).repeat(2000));
  const echoed = read(request);
  for (const chunk of chunks) request.write(chunk);
  request.end();
  assert.equal(await echoed, chunks.join(''));
  await clientSpan();
});
