/** The metrics page inside real frameworks, by the preload alone and by the handler, and real prom-client metrics. */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { suiteOwner } from '../support/backends.ts';
import { startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { httpRequest, type HttpTarget } from '../support/http-request.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { startApp, type RunningApp } from '../support/run-app.ts';
import { until } from '../support/until.ts';

const PACKAGES = [
  'express@5.3.0',
  'fastify@5.12.8',
  'koa@3.3.0',
  'hono@4.13.19',
  '@hono/node-server@2.1.8',
  'prom-client@15.1.3',
  '@opentelemetry/api@1.10.0',
];
const FRAMEWORKS = ['express', 'fastify', 'koa', 'hono'] as const;

/** One server for each framework; each has a route of its own, and one at /metrics that `handler` makes. */
const SERVERS = `
import express from 'express';
import Fastify from 'fastify';
import Koa from 'koa';
import { Hono } from 'hono';
import { serve } from '@hono/node-server';
const handlers = makeHandlers();
const port = (server) => server.address().port;
const listening = (server) => new Promise((resolve) => server.once('listening', () => resolve(port(server))));

const e = express();
e.get('/', (_, response) => response.send('own'));
e.get('/metrics', handlers.express);
const f = Fastify();
f.get('/', async () => 'own');
f.get('/metrics', handlers.fastify);
await f.listen({ port: 0, host: '127.0.0.1' });
const k = new Koa();
k.use((context, next) => (context.path === '/metrics' ? handlers.koa(context, next) : (context.body = 'own')));
const h = new Hono();
h.get('/', (context) => context.text('own'));
h.get('/metrics', handlers.hono);
const ports = [
  await listening(e.listen(0, '127.0.0.1')),
  port(f.server),
  await listening(k.listen(0, '127.0.0.1')),
  await listening(serve({ fetch: h.fetch, port: 0, hostname: '127.0.0.1' })),
];
console.log('ports ' + ports.join(' '));`;

const OWN_ROUTES = `
const makeHandlers = () => ({
  express: (_, response) => response.send('own'),
  fastify: async () => 'own',
  koa: (context) => void (context.body = 'own'),
  hono: (context) => context.text('own'),
});`;

const OUR_HANDLER = `
import { start } from 'duotel';
import prom from 'prom-client';
prom.collectDefaultMetrics();
new prom.Counter({ name: 'orders_total', help: 'Orders.', labelNames: ['kind'] }).inc({ kind: 'book' }, 3);
new prom.Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [0.1, 1] }).observe(0.5);
new prom.Summary({ name: 'lag_seconds', help: 'Lag.', percentiles: [0.5] }).observe(2);
const telemetry = start({ prometheusRegistries: [prom.register] });
const makeHandlers = () => new Proxy({}, { get: () => telemetry.metricsHandler });`;

async function targetsOf(app: RunningApp): Promise<HttpTarget[]> {
  const [, ports = ''] = await app.line(/ports (.*)\n/);
  return ports.split(' ').map((port) => ({ host: '127.0.0.1', port: Number(port) }));
}

suite('frameworks', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  test('with the preload alone, /metrics is ours before any route, and scrapes leave no trace', async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const app = startApp({
      folder,
      code: OWN_ROUTES + SERVERS,
      nodeArgs: ['--import', 'duotel/register'],
      env: {
        OTEL_SERVICE_NAME: 'shop',
        DUOTEL_METRICS_ON_APP: '/metrics',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
    });
    t.after(() => app.child.kill('SIGKILL'));
    for (const [index, target] of (await targetsOf(app)).entries()) {
      const framework = FRAMEWORKS[index];
      const page = await httpRequest(target);
      assert.equal(page.status, 200, framework);
      assert.ok(parsePrometheus(page.body).has('target_info'), framework);
      assert.equal((await httpRequest(target, { path: '/' })).body.toString(), 'own', framework);
    }
    // Frameworks have spans of their own below those of their requests.
    const requests = () => receiver.spans.filter(({ kind }) => kind === 'server');
    await until('spans', () => requests().length >= FRAMEWORKS.length);
    assert.deepEqual([...new Set(requests().map(({ attributes }) => attributes['url.path']))], ['/']);
    app.child.kill('SIGTERM');
    assert.equal((await app.ended).stderr, '');
  });

  test('the handler serves the page, prom-client metrics included, on a route of each framework', async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const app = startApp({
      folder,
      code: OUR_HANDLER + SERVERS,
      nodeArgs: [],
      env: {
        OTEL_SERVICE_NAME: 'shop',
        DUOTEL_METRICS_TOKEN: 't0ken',
        DUOTEL_METRICS_PORT_BUSY: 'ephemeral',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: '200',
      },
    });
    t.after(() => app.child.kill('SIGKILL'));
    const headers = { authorization: 'Bearer t0ken' };
    for (const [index, target] of (await targetsOf(app)).entries()) {
      const framework = FRAMEWORKS[index];
      const page = await httpRequest(target, { headers });
      assert.deepEqual(
        [page.status, page.headers['content-type']],
        [200, 'text/plain; version=0.0.4; charset=utf-8'],
        framework,
      );
      const families = parsePrometheus(page.body);
      assert.equal(families.get('orders_total')?.samples[0]?.value, 3, framework);
      for (const name of ['wait_seconds', 'lag_seconds', 'lag_seconds_sum', 'lag_seconds_count'])
        assert.ok(families.has(name), `${framework} ${name}`);
      for (const name of ['process_cpu_user_seconds_total', 'nodejs_heap_size_total_bytes', 'nodejs_version_info'])
        assert.ok(families.has(name), `${framework} ${name}`);
      const head = await httpRequest(target, { method: 'HEAD', headers });
      assert.deepEqual([head.status, head.body.length], [200, 0], framework);
      const zipped = await httpRequest(target, { headers: { ...headers, 'accept-encoding': 'gzip' } });
      assert.equal(zipped.headers['content-encoding'], 'gzip', framework);
      const stranger = await httpRequest(target);
      assert.deepEqual([stranger.status, stranger.body.toString()], [401, 'A credential is needed.\n'], framework);
    }
    const orders = await until('prom-client over OTLP', () => receiver.metric('orders_total', { kind: 'book' }));
    assert.equal(orders.value, 3);
    assert.equal((await until('histogram', () => receiver.metric('wait_seconds'))).count, 1);
  });
});
