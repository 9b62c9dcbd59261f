import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { currentRequest } from '../../../src/request/request-context.ts';
import { observe, PARENT_ID, pick, TRACE_ID, until } from './observe.ts';

const observed = observe({ responseHeaders: ['x-request-id', 'x-trace-id'], bodySizes: true });
afterEach(() => observed.clear());

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

interface Connected extends AsyncDisposable {
  readonly client: ClientHttp2Session;
  readonly port: number;
}

/** A server and a client connected to it. */
async function connected(listener: Listener, server: Http2Server = createServer()): Promise<Connected> {
  server.on('request', listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect(`http://127.0.0.1:${port}`);
  client.on('error', () => undefined);
  return {
    client,
    port,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function read(stream: ClientHttp2Stream): Promise<Answer> {
  const head = once(stream, 'response') as Promise<[Record<string, unknown>]>;
  const [[headers], chunks] = await Promise.all([head, stream.setEncoding('utf8').toArray()]);
  return { headers, body: (chunks as string[]).join('') };
}

const serverSpan = async () => (await observed.ended(SpanKind.SERVER))[0]!;

test('a request over HTTP/2 makes a span with everything known from the start, in the trace it came with', async () => {
  await using session = await connected((_request, response) => {
    response.writeHead(201, { 'content-type': 'text/plain' });
    response.end(String(trace.getActiveSpan()?.spanContext().spanId));
  });
  const stream = session.client.request({
    ':path': '/path?q=1',
    'user-agent': 'raw',
    traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
  });
  const { body, headers } = await read(stream);
  const span = await serverSpan();
  assert.equal(body, span.spanContext().spanId);
  assert.equal(headers['x-trace-id'], TRACE_ID);
  assert.equal(headers['x-request-id'], span.attributes['request.id']);
  assert.deepEqual(
    [span.name, span.parentSpanContext?.spanId, span.status.code],
    ['GET', PARENT_ID, SpanStatusCode.UNSET],
  );
  const atStart = {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/path',
    'url.query': 'q=1',
    'server.address': '127.0.0.1',
    'server.port': session.port,
    'network.protocol.version': '2',
    'network.peer.address': '127.0.0.1',
    'user_agent.original': 'raw',
  };
  assert.deepEqual(pick(observed.sampled[0]?.attributes ?? {}, atStart), atStart);
  assert.equal(span.attributes['http.response.status_code'], 201);
  assert.equal(span.attributes['error.type'], undefined);
});

test('requests multiplexed on one connection have a context each, events of the body included', async () => {
  await using session = await connected((request, response) => {
    const id = currentRequest()?.id;
    request.on('data', () => assert.equal(currentRequest()?.id, id));
    request.on('end', () => response.end(String(currentRequest()?.id)));
  });
  const ids = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const stream = session.client.request({ ':path': '/', ':method': 'POST', 'x-request-id': `r${index}` });
      stream.write('a');
      setImmediate(() => stream.end('b'));
      return (await read(stream)).body;
    }),
  );
  assert.deepEqual(
    ids,
    Array.from(ids, (_, index) => `r${index}`),
  );
  await observed.ended(SpanKind.SERVER, 20);
});

test('HEAD, no content, trailers and informational answers end without an error', async () => {
  await using session = await connected((request, response) => {
    if (request.url === '/trailers') {
      response.addTrailers({ 'x-sum': '1' });
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    }
    response.statusCode = request.url === '/none' ? 204 : 200;
    response.end('body');
  });
  for (const headers of [{ ':method': 'HEAD' }, { ':path': '/none' }, { ':path': '/trailers' }])
    await read(session.client.request(headers));
  const spans = await observed.ended(SpanKind.SERVER, 3);
  assert.deepEqual(
    spans.map(({ attributes }) => [attributes['http.response.status_code'], attributes['error.type']]),
    [
      [200, undefined],
      [204, undefined],
      [200, undefined],
    ],
  );
});

test('a client that goes away leaves an aborted span, and a lost connection too', async () => {
  let seen = 0;
  await using session = await connected(() => void (seen += 1));
  const stream = session.client.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await until('the request', () => seen === 1);
  stream.close(8);
  const first = await serverSpan();
  assert.deepEqual([first.attributes['error.type'], first.status.code], ['aborted', SpanStatusCode.UNSET]);
  session.client.request({ ':path': '/' }).on('error', () => undefined);
  await until('the second request', () => seen === 2);
  session.client.destroy();
  const spans = await observed.ended(SpanKind.SERVER, 2);
  assert.equal(spans[1]?.attributes['error.type'], 'aborted');
});

test('an application that listens for streams is left alone', async () => {
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(String(trace.getSpan(context.active())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  assert.equal((await read(client.request({ ':path': '/' }))).body, 'undefined');
  client.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  assert.deepEqual(observed.spans(SpanKind.SERVER), []);
});

test('bodies are measured', async () => {
  await using session = await connected((request, response) => {
    request.resume();
    request.on('end', () => {
      response.write('four');
      response.end(Buffer.from('five!'));
    });
  });
  const stream = session.client.request({ ':path': '/', ':method': 'PUT' });
  stream.write('abc');
  stream.end('de');
  await read(stream);
  await serverSpan();
  const sumOf = async (name: string) =>
    (await observed.points(name))
      .filter(({ attributes }) => attributes['http.request.method'] === 'PUT')
      .map(({ value }) => (value as { sum: number }).sum);
  assert.deepEqual(await sumOf('http.server.request.body.size'), [5]);
  assert.deepEqual(await sumOf('http.server.response.body.size'), [9]);
});

test('a stream the server destroys with an error shows the error', async () => {
  await using session = await connected((_request, response) => void response.stream.destroy(new RangeError('mine')));
  session.client.request({ ':path': '/' }).on('error', () => undefined);
  const span = await serverSpan();
  assert.deepEqual([span.attributes['error.type'], span.status.code], ['RangeError', SpanStatusCode.ERROR]);
});
