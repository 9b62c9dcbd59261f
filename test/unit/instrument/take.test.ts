import { createNoopMeter, ProxyTracerProvider, SpanKind, type Tracer } from '@opentelemetry/api';
import { deepEqual, equal } from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse, type Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { RequestsConfig } from '../../../src/config/config.ts';
import { markOwn } from '../../../src/core/own-traffic.ts';
import { instrumentHttp } from '../../../src/instrument/http.ts';
import { REQUESTS } from './observe.ts';
import { requestId } from '../../../src/request/current-request.ts';
import { httpRequest, type HttpTarget } from '../../support/http-request.ts';

/** Starts the instrumentation; gives the paths of requests that server spans were asked for. */
function instrument(t: TestContext, http: RequestsConfig['http'] = 'lean'): { readonly spans: string[]; stop(): void } {
  const spans: string[] = [];
  const tracer = new ProxyTracerProvider().getTracer('none');
  const getTracer = (): Tracer => ({
    startSpan: (...given) => {
      if (given[1]?.kind === SpanKind.SERVER) spans.push(String(given[1].attributes?.['url.path']));
      return tracer.startSpan(...given);
    },
    startActiveSpan: () => undefined as never,
  });
  const take = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.url !== '/ours') return false;
    response.end('ours');
    return true;
  };
  const { stop } = instrumentHttp({
    tracerProvider: { getTracer },
    meterProvider: { getMeter: () => createNoopMeter() },
    requests: { ...REQUESTS, http },
    take,
  });
  t.after(stop);
  return { spans, stop };
}

async function listen(t: TestContext, server: Server): Promise<HttpTarget> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const ask = async (target: HttpTarget, path: string): Promise<string> =>
  (await httpRequest(target, { path })).body.toString();

test('what is taken is seen by no listener and makes no span, from the first request on', async (t) => {
  const { spans } = instrument(t);
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    response.end('app');
  });
  const target = await listen(t, server);
  deepEqual([await ask(target, '/ours'), await ask(target, '/x'), await ask(target, '/ours')], ['ours', 'app', 'ours']);
  deepEqual([seen, spans], [['/x'], ['/x']]);
});

test('where the official instrumentation observes, requests are still taken and make no span of ours', async (t) => {
  const { spans } = instrument(t, 'upstream');
  const target = await listen(
    t,
    createServer((_, response) => response.end(String(requestId()))),
  );
  deepEqual(
    [
      await ask(target, '/ours'),
      await ask(target, '/x'),
      await (await fetch(`http://127.0.0.1:${target.port}`)).text(),
    ],
    ['ours', 'undefined', 'undefined'],
  );
  deepEqual(spans, []);
});

test('a server of telemetry itself is not asked', async (t) => {
  instrument(t);
  const target = await listen(t, markOwn(createServer((_, response) => response.end('own'))));
  equal(await ask(target, '/ours'), 'own');
});

test('after stopping, servers of HTTP/2 that listen later are left alone', async (t) => {
  const { stop } = instrument(t);
  const [before, after] = [createHttp2Server(), createHttp2Server()];
  const wrapped = async (server: typeof before): Promise<boolean> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => void server.close());
    return Object.hasOwn(server, 'emit');
  };
  equal(await wrapped(before), true);
  stop();
  equal(await wrapped(after), false);
});
