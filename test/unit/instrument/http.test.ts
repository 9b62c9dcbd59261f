import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { IncomingMessage, request as httpRequest, Server, ServerResponse } from 'node:http';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { type MeterProvider, metrics, SpanKind, type TracerProvider } from '@opentelemetry/api';
import { degradations } from '../../../src/core/guard.ts';
import { instrumentHttp } from '../../../src/instrument/http.ts';
import { exchangeRaw, observe, REQUESTS, serve } from './observe.ts';

const CHANNELS = [
  'http.server.request.start',
  'http.client.request.created',
  'http.client.response.finish',
  'http.client.request.error',
  'undici:request:create',
  'undici:client:sendHeaders',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
];
const PLAIN = 'GET / HTTP/1.0\r\n\r\n';

test('after stop() nothing is left behind, and a second instrumentation works', async () => {
  using served = await serve((_request, response) => response.end('ok'));
  const observed = observe();
  await exchangeRaw(served.port, PLAIN);
  await (await fetch(served.url)).text();
  await observed.ended(SpanKind.SERVER, 2);
  observed.stop();
  for (const prototype of [Server.prototype, IncomingMessage.prototype, ServerResponse.prototype])
    assert.equal(prototype.emit, EventEmitter.prototype.emit);
  assert.ok(CHANNELS.every((name) => !channel(name).hasSubscribers));
  observed.clear();
  await exchangeRaw(served.port, PLAIN);
  await (await fetch(served.url)).text();
  assert.deepEqual(observed.spans(), []);

  const again = observe();
  await exchangeRaw(served.port, PLAIN);
  assert.equal((await again.ended(SpanKind.SERVER)).length, 1);
  again.stop();
});

test('a wrap under a foreign one is inert after stop()', async () => {
  const observed = observe();
  using served = await serve((_request, response) => response.end('ok'));
  await exchangeRaw(served.port, PLAIN);
  await observed.ended(SpanKind.SERVER);
  const ours = Server.prototype.emit;
  Server.prototype.emit = function emit(this: Server, ...args: unknown[]) {
    return Reflect.apply(ours, this, args) as boolean;
  } as typeof ours;
  observed.stop();
  observed.clear();
  assert.match(await exchangeRaw(served.port, PLAIN), /200 OK[^]*ok/);
  assert.deepEqual(observed.spans(), []);
  delete (Server.prototype as Partial<Server>).emit;
});

test('providers that throw at every call disturb neither server nor client', async () => {
  const broken = (): never => {
    throw new Error('broken provider');
  };
  const tracers: TracerProvider[] = [
    { getTracer: broken },
    { getTracer: () => ({ startSpan: broken, startActiveSpan: broken }) },
  ];
  const meters = [metrics.getMeterProvider(), { getMeter: broken } as MeterProvider];
  for (const tracerProvider of tracers)
    for (const meterProvider of meters) {
      const instrumentation = instrumentHttp({ tracerProvider, meterProvider, requests: REQUESTS });
      using served = await serve((_request, response) => response.end('fine'));
      assert.match(await exchangeRaw(served.port, PLAIN), /fine/);
      assert.equal(await (await fetch(served.url)).text(), 'fine');
      const text = await new Promise((resolve, reject) => {
        httpRequest(served.url, (response) => response.setEncoding('utf8').on('data', resolve))
          .on('error', reject)
          .end();
      });
      assert.equal(text, 'fine');
      instrumentation.stop();
    }
  const sites = Object.keys(degradations());
  for (const site of [
    'http.server.request.start',
    'http.server.begin',
    'http.client.request.created',
    'undici:request:create',
  ])
    assert.ok(sites.includes(site), site);
});
