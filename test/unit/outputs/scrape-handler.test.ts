import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { degradations } from '../../../src/core/guard.ts';
import { createIdleHandler, createScrape, type Scrape } from '../../../src/outputs/scrape.ts';
import type { FastifyReplyLike, KoaContextLike } from '../../../src/outputs/scrape-types.ts';
import { httpRequest, type HttpTarget } from '../../support/http-request.ts';
import { createReader, SCRAPE_CONFIG } from '../../support/scrape-endpoint.ts';

const TOKEN = { authorization: 'Bearer t0ken' };

function scrapeWithToken(): Scrape {
  const reader = createReader((provider) => {
    const counter = provider.getMeter('test').createCounter('many');
    for (let id = 0; id < 100; id += 1) counter.add(1, { id });
  });
  const config = { ...SCRAPE_CONFIG, open: 'never', access: { token: 't0ken' } } as const;
  return createScrape({ config, collect: () => reader.snapshot() });
}

async function listen(t: TestContext, server: Server): Promise<HttpTarget> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What each framework does around a handler, as far as it matters. */
const frameworks: Readonly<Record<string, (scrape: Scrape) => Listener>> = {
  'node:http': ({ handler }) => handler,
  express:
    ({ handler }) =>
    (request, response) =>
      handler(request, response, () => response.end('next')),
  fastify:
    ({ handler }) =>
    (request, response) => {
      const reply: FastifyReplyLike & { raw: ServerResponse } = {
        raw: response,
        code: (status) => (response.statusCode = status),
        headers: (headers) => Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value)),
        send: (body) => response.setHeader('content-length', body.length).end(body),
      };
      equal(handler({ raw: request }, reply), undefined);
    },
  koa:
    ({ handler }) =>
    (request, response) => {
      const context: KoaContextLike = {
        req: request,
        res: response,
        status: 404,
        body: undefined,
        set: (headers) => Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value)),
      };
      void handler(context, () => Promise.resolve()).then(() => {
        response.statusCode = context.status;
        response.setHeader('content-length', (context.body as Buffer).length).end(context.body);
      });
    },
};

for (const [name, around] of Object.entries(frameworks)) {
  test(`${name}: the page, HEAD, gzip, 405, and 401 without the token`, async (t) => {
    const target = await listen(t, createServer(around(scrapeWithToken())));
    const page = await httpRequest(target, { path: '/any', headers: TOKEN });
    deepEqual([page.status, page.headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8']);
    match(page.body.toString(), /orders_total 3/);
    const head = await httpRequest(target, { method: 'HEAD', headers: TOKEN });
    deepEqual([head.status, head.body.length, head.headers['content-length']], [200, 0, String(page.body.length)]);
    const zipped = await httpRequest(target, { headers: { ...TOKEN, 'accept-encoding': 'gzip' } });
    equal(zipped.headers['content-encoding'], 'gzip');
    deepEqual(gunzipSync(zipped.body), page.body);
    const post = await httpRequest(target, { method: 'POST', headers: TOKEN });
    deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD']);
    const stranger = await httpRequest(target);
    deepEqual([stranger.status, stranger.body.toString()], [401, 'A credential is needed.\n']);
  });
}

suite('web requests', () => {
  const url = 'http://127.0.0.1/metrics';
  const forms: Readonly<Record<string, (scrape: Scrape, request: Request) => Promise<Response>>> = {
    'a Request': ({ handler }, request) => handler(request, { params: {} }),
    "Hono's context": ({ handler }, request) => handler({ req: { raw: request } }, () => Promise.resolve()),
  };
  for (const [name, call] of Object.entries(forms)) {
    test(`${name} is answered with a Response`, async () => {
      const scrape = scrapeWithToken();
      const page = await call(scrape, new Request(url, { headers: TOKEN }));
      const text = await page.text();
      equal(page.status, 200);
      match(text, /orders_total 3/);
      const head = await call(scrape, new Request(url, { method: 'HEAD', headers: TOKEN }));
      deepEqual([head.status, head.body, head.headers.get('content-length')], [200, null, String(text.length)]);
      const zipped = await call(scrape, new Request(url, { headers: { ...TOKEN, 'accept-encoding': 'gzip' } }));
      equal(zipped.headers.get('content-encoding'), 'gzip');
      equal(gunzipSync(await zipped.arrayBuffer()).toString(), text);
      equal((await call(scrape, new Request(url))).status, 401);
    });
  }
});

test('what is no request is counted, and nothing is thrown', () => {
  const { handler } = scrapeWithToken();
  const call = handler as (...given: unknown[]) => unknown;
  for (const given of [[], [undefined, undefined], [null, null], [1, 'x'], [{}, {}], [{ req: 1, res: null }]])
    call(...given);
  ok((degradations()['scrape.answer']?.count ?? 0) >= 6);
});

test('without telemetry every form says so', async (t) => {
  const handler = createIdleHandler();
  const node = await httpRequest(await listen(t, createServer(handler)));
  deepEqual([node.status, node.body.toString()], [503, 'telemetry is off\n']);
  equal((await handler(new Request('http://127.0.0.1/'))).status, 503);
});
