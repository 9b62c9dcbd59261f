/**
 * Errors behind answers of 5xx in frameworks, under the preload alone: the error object, linked, with its route.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { FAST_EXPORT } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, suiteOwner, waitFor } from '../support/backends.ts';
import { eventsOf, idsOf, messageOf } from '../support/sentry-events.ts';

const PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.10.0',
  'express@5',
  'fastify@5',
  'koa@3',
  '@nestjs/core@11',
  '@nestjs/common@11',
  '@nestjs/platform-express@11',
  'reflect-metadata@0.2',
  'rxjs@7',
];

const TAGGED = `import { setRequestContext } from 'duotel';
const fail = (name) => { setRequestContext({ userId: name }); throw new Error(name); };`;

/** Each answers `/KIND/NAME` with 500 and an error of that name, and `/bad/NAME` with 400. */
const SERVERS: Record<string, { readonly code: string; readonly kinds: Readonly<Record<string, string | undefined>> }> =
  {
    express: {
      kinds: {
        sync: '/sync/:name',
        async: '/async/:name',
        next: '/next/:name',
        middleware: '/middleware',
        nested: '/nested/deep/:name',
        handled: '/handled/:name',
      },
      code: `import express from 'express';
const app = express();
app.get('/sync/:name', (request) => fail(request.params.name));
app.get('/async/:name', async (request) => { await null; fail(request.params.name); });
app.get('/next/:name', (request, response, next) => setTimeout(() => { try { fail(request.params.name); } catch (error) { next(error); } }, 1));
app.use('/middleware', async (request) => fail(request.path.slice(1)));
const router = express.Router();
router.get('/deep/:name', async (request) => fail(request.params.name));
app.use('/nested', (request, response, next) => { request.url = '/deep' + request.url; next(); }, router);
app.get('/handled/:name', (request) => fail(request.params.name));
app.get('/bad/:name', (request, response, next) => next(Object.assign(new Error('bad'), { status: 400 })));
app.use('/handled', (error, request, response, next) => response.status(503).json({}));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    },
    fastify: {
      kinds: { sync: '/sync/:name', async: '/async/:name', hook: '/hook/:name' },
      code: `import fastify from 'fastify';
const app = fastify();
app.addHook('preHandler', async (request) => { if (request.url.startsWith('/hook')) fail(request.params.name); });
app.get('/sync/:name', (request) => fail(request.params.name));
app.get('/async/:name', async (request) => { await null; fail(request.params.name); });
app.get('/hook/:name', async () => 'never');
app.get('/bad/:name', async () => { throw Object.assign(new Error('bad'), { statusCode: 400 }); });
app.listen({ port: 0, host: '127.0.0.1' }).then(() => console.log(app.server.address().port));`,
    },
    koa: {
      kinds: { async: undefined },
      code: `import Koa from 'koa';
const app = new Koa();
app.silent = true;
app.use(async (context, next) => next());
app.use(async (context) => {
  const [, kind, name] = context.path.split('/');
  if (kind === 'bad') context.throw(400, 'bad');
  await null;
  fail(name);
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    },
    nest: {
      kinds: { sync: '/sync/:name', guarded: '/guarded/:name' },
      code: `import 'reflect-metadata';
import { BadRequestException, Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
class Guard { canActivate(context) { fail(context.switchToHttp().getRequest().params.name); } }
class Things {
  sync(request) { fail(this.constructor.last = Things.names.shift() ?? 'unnamed'); }
  guarded() { return 'never'; }
  bad() { throw new BadRequestException('bad'); }
}
Things.names = [];
const get = (path, name) => Get(path)(Things.prototype, name, Object.getOwnPropertyDescriptor(Things.prototype, name));
get('sync/:name', 'sync'); get('guarded/:name', 'guarded'); get('bad/:name', 'bad');
UseGuards(Guard)(Things.prototype, 'guarded', Object.getOwnPropertyDescriptor(Things.prototype, 'guarded'));
Controller()(Things);
class App {}
Module({ controllers: [Things] })(App);
NestFactory.create(App, { logger: false }).then((app) => {
  app.use((request, response, next) => { if (request.path.startsWith('/sync')) Things.names.push(request.path.split('/')[2]); next(); });
  return app.listen(0, '127.0.0.1');
}).then((server) => console.log(server.address().port));`,
    },
  };

interface Seen {
  readonly name: unknown;
  readonly user: unknown;
  readonly traceId: unknown;
  /** Method and route. */
  readonly what: unknown;
}

function loggedBy(receiver: Receiver): Seen[] {
  return receiver.logs.map(({ attributes, traceId }) => {
    const { 'exception.message': name, 'user.id': user, 'http.route': route } = attributes;
    return { name, user, traceId, what: route === undefined ? 'GET' : `GET ${String(route)}` };
  });
}

function sentBy(receiver: Receiver): Seen[] {
  return eventsOf(receiver).map((event) => ({
    name: messageOf(event),
    user: event.user?.id,
    traceId: idsOf(event).traceId,
    what: event.transaction,
  }));
}

function inOrder(list: readonly Seen[]): readonly Seen[] {
  return list.toSorted((a, b) => String(a.name).localeCompare(String(b.name)));
}

suite('errors of frameworks', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  for (const [framework, { code, kinds }] of Object.entries(SERVERS)) {
    for (const sampler of ['always_on', 'always_off']) {
      test(`${framework}, ${sampler}: each 500 is one log record and one event of the error, its trace, user, route and address; 400 is none`, async (t) => {
        const otlp = await startReceiver();
        t.after(() => otlp.close());
        const file = join(folder, `${framework}.mjs`);
        writeFileSync(file, `${TAGGED}\n${code}`);
        const env = cleanEnvironment({
          OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
          SENTRY_DSN: otlp.dsn,
          OTEL_TRACES_SAMPLER: sampler,
          OTEL_METRICS_EXPORTER: 'none',
          ...FAST_EXPORT,
        });
        const running = launch(t, process.execPath, ['--import', 'duotel/register', file], { cwd: folder, env });
        const port = await waitFor('the port', () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
        const traces = new Map<string, string>();
        for (const kind of ['bad', ...Object.keys(kinds)]) {
          const traceId = randomBytes(16).toString('hex');
          traces.set(kind, traceId);
          const headers = sampler === 'always_on' ? { traceparent: `00-${traceId}-b7ad6b7169203331-01` } : {};
          const { status } = await fetch(`http://127.0.0.1:${port}/${kind}/n-${kind}`, { headers });
          assert.equal(Math.floor(status / 100), kind === 'bad' ? 4 : 5, kind);
        }
        const count = Object.keys(kinds).length;
        await otlp.waitFor(() => otlp.logs.length >= count && eventsOf(otlp).length >= count, 10_000);
        const wanted = Object.entries(kinds).map(([kind, route]): Seen => ({
          name: `n-${kind}`,
          user: `n-${kind}`,
          traceId: sampler === 'always_on' ? traces.get(kind) : 'another',
          what: route === undefined ? 'GET' : `GET ${route}`,
        }));
        const known = new Set<unknown>(traces.values());
        const shown = (each: Seen): Seen => ({ ...each, traceId: known.has(each.traceId) ? each.traceId : 'another' });
        assert.deepEqual(inOrder(loggedBy(otlp).map(shown)), inOrder(wanted));
        assert.deepEqual(inOrder(sentBy(otlp).map(shown)), inOrder(wanted));
        const paths = eventsOf(otlp).map(({ request }) => new URL(request?.url ?? '').pathname);
        assert.deepEqual(
          paths.toSorted(),
          Object.keys(kinds)
            .map((kind) => `/${kind}/n-${kind}`)
            .toSorted(),
        );
        const traceIds = (seen: readonly Seen[]): unknown[] => inOrder(seen).map(({ traceId }) => traceId);
        assert.deepEqual(traceIds(sentBy(otlp)), traceIds(loggedBy(otlp)));
        await running.stop();
      });
    }
  }
});
