import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import { get } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, test } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Emitting } from '../../../src/instrument/emit-wrap.ts';
import { markOwn } from '../../../src/core/own-traffic.ts';
import { CERTIFICATE } from './certificate.ts';
import { exchangeRaw, observe, REQUEST, serve } from './observe.ts';

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

test('telemetry’s own servers and suppressed ones are left alone', async () => {
  let active: unknown = 'none';
  const listener = (_request: IncomingMessage, response: ServerResponse): void => {
    active = trace.getActiveSpan();
    response.statusCode = 299;
    response.end();
  };
  using own = await serve(listener, markOwn(createServer()));
  await exchangeRaw(own.port, REQUEST);
  assert.equal(active, undefined);
  using suppressed = await context.with(suppressTracing(ROOT_CONTEXT), () => serve(listener));
  await exchangeRaw(suppressed.port, REQUEST);
  assert.equal(active, undefined);
  assert.deepEqual(observed.spans(), []);
  assert.deepEqual(await durations(299), []);
});

test('a request that expects 100-continue is traced with and without a listener of its own', async () => {
  const answer = (_request: IncomingMessage, response: ServerResponse): void =>
    void response.end(String(trace.getActiveSpan() !== undefined));
  const expecting =
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  using plain = await serve(answer);
  assert.match(await exchangeRaw(plain.port, expecting), /100 Continue[^]*true/);
  using handing = await serve(answer);
  handing.server.on('checkContinue', (request, response) => {
    response.writeContinue();
    handing.server.emit('request', request, response);
  });
  assert.match(await exchangeRaw(handing.port, expecting), /100 Continue[^]*true/);
  using answering = await serve();
  answering.server.on('checkContinue', answer);
  assert.match(await exchangeRaw(answering.port, expecting), /200 OK[^]*true/);
  const spans = await observed.ended(SpanKind.SERVER, 3);
  assert.equal(spans.length, 3);
});

test('upgrades and CONNECT are not touched', async () => {
  using served = await serve((_request, response) => response.end());
  served.server.on('upgrade', (_request, socket) =>
    socket.end('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n\r\n'),
  );
  served.server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  assert.match(
    await exchangeRaw(served.port, 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    /101/,
  );
  assert.match(await exchangeRaw(served.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n'), /200/);
  assert.deepEqual(observed.spans(), []);
});

test('foreign wraps of a server’s emit keep working, whenever they were put there', async () => {
  const calls: string[] = [];
  const server = createServer((_request, response) => response.end());
  const wrap = (name: string): void => {
    const emitting = server as unknown as Emitting;
    const original = emitting.emit;
    emitting.emit = function emit(...args) {
      if (args[0] === 'request') calls.push(name);
      return original.apply(this, args);
    };
  };
  // Takes the emit from before there was ours, as Sentry does.
  wrap('early');
  using served = await serve(undefined, server);
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  wrap('late');
  await exchangeRaw(served.port, REQUEST);
  await observed.ended(SpanKind.SERVER, 2);
  assert.equal(observed.spans().length, 2);
  assert.deepEqual(calls, ['early', 'late', 'early']);
});

test('nobody sees the instrumentation on requests, responses and servers', async () => {
  const { inspect } = await import('node:util');
  let shown = '';
  let listeners: unknown;
  using served = await serve((request, response) => {
    shown =
      inspect(request, { depth: 0, showHidden: true }) +
      inspect(response, { depth: 0 }) +
      inspect(served.server, { depth: 0 });
    listeners = [request.listenerCount('close'), request.listenerCount('end'), response.listenerCount('close')];
    response.end();
  });
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  assert.doesNotMatch(shown, /duotel|exchange|span/i);
  assert.deepEqual(listeners, [0, 0, 0]);
});

test('HTTP/1 and HTTP/2 on the same port make one span each', async () => {
  const server = createSecureServer({ ...CERTIFICATE, allowHTTP1: true }, (_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: '127.0.0.1', ca: CERTIFICATE.cert }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  await serverSpan();
  const client = connectHttp2(`https://127.0.0.1:${port}`, { ca: CERTIFICATE.cert });
  const stream = client.request({ ':path': '/' }).setEncoding('utf8');
  assert.equal((await stream.toArray()).join(''), 'ok');
  client.close();
  server.close();
  const spans = await observed.ended(SpanKind.SERVER, 2);
  assert.deepEqual(
    spans.map((span) => span.attributes['network.protocol.version']),
    ['1.1', '2'],
  );
});

test('a request without a connection, as adapters make them, passes with a span', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end();
  });
  using served = await serve(undefined, server);
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  const request = Object.assign(new IncomingMessage(undefined as unknown as Socket), {
    url: '/adapted',
    method: 'GET',
  });
  server.emit('request', request, new ServerResponse(request));
  assert.deepEqual(seen, ['/path?q=1', '/adapted']);
  assert.equal(observed.sampled.at(-1)?.attributes['url.path'], '/adapted');
});

test('an emit of another kind of response, or of nothing at all, passes untouched', async () => {
  const calls: unknown[][] = [];
  const server = createServer().on('request', (...args: unknown[]) => calls.push(args));
  using served = await serve((_request, response) => response.end(), server);
  await exchangeRaw(served.port, REQUEST);
  await serverSpan();
  calls.length = 0;
  server.removeAllListeners('request').on('request', (...args: unknown[]) => calls.push(args));
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  emit('request');
  emit('request', {}, {});
  assert.deepEqual(calls, [[], [{}, {}]]);
  assert.equal(observed.spans().length, 1);
});
