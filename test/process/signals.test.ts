/**
 * The main job, end to end in one process: three signals over OTLP and the same metrics on `/metrics`.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp, startApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
after(() => receiver.close());

const QUICK = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BLRP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '200' };

const IMPORTS = {
  mjs: `import http from 'node:http'; import { metrics, trace, logs } from '@opentelemetry/api';`,
  cjs: `const http = require('node:http'); const { metrics, trace, logs } = require('@opentelemetry/api');`,
};

const SERVER = `
const orders = metrics.getMeter('shop').createCounter('shop.orders', { unit: '{order}' });
const server = http.createServer(async (request, response) => {
  if (request.url === '/back') return response.end('back');
  const base = 'http://127.0.0.1:' + server.address().port;
  await fetch(base + '/back').then((r) => r.text());
  orders.add(1, { kind: 'book' });
  logs.getLogger('shop').emit({ severityText: 'INFO', body: 'order taken' });
  response.end(trace.getActiveSpan().spanContext().traceId);
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));
process.on('SIGTERM', () => process.exit(0));`;

for (const type of ['mjs', 'cjs'] as const) {
  test(`${type}: a request gives spans, a log record and a metric with one trace id, by the preload alone`, async () => {
    receiver.clear();
    const app = startApp({
      code: IMPORTS[type] + SERVER,
      type,
      env: {
        ...QUICK,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_SERVICE_NAME: 'shop',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      },
    });
    const [, port] = await app.line(/port (\d+)/);
    const traceId = await fetch(`http://127.0.0.1:${port}/order?x=1`).then((response) => response.text());
    await receiver.waitFor(
      () => receiver.trace(traceId).length === 3 && receiver.logs.length === 1 && receiver.metric('shop.orders'),
    );
    const [server, client, back] = receiver.trace(traceId);
    assert.deepEqual([server?.kind, client?.kind, back?.kind], ['server', 'client', 'server']);
    assert.equal(client?.parentSpanId, server?.spanId);
    assert.equal(back?.parentSpanId, client?.spanId);
    assert.equal(receiver.logs[0]?.traceId, traceId);
    assert.equal(receiver.logs[0]?.spanId, server?.spanId);
    assert.equal(receiver.metric('shop.orders', { kind: 'book' })?.value, 1);
    assert.equal(server?.serviceName, 'shop');
    app.child.kill('SIGTERM');
    const { code, stderr } = await app.ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      receiver.spans.filter((span) => span.attributes['url.full']?.toString().startsWith(receiver.url)).length,
      0,
      'exports trace themselves',
    );
  });
}

test('scrapes and exports make no spans, no metrics and no log records of their own', async () => {
  receiver.clear();
  const app = startApp({
    code: `import http from 'node:http';
      const server = http.createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
        const { telemetry } = globalThis[Symbol.for('duotel.telemetry')];
        const wait = setInterval(() => {
          const { scrape } = telemetry.status();
          if (scrape) { clearInterval(wait); console.log('scrape', scrape.port, 'app', server.address().port); }
        }, 10);
      });`,
    env: {
      ...QUICK,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'quiet',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    },
  });
  const [, scrapePort, appPort] = await app.line(/scrape (\d+) app (\d+)/);
  const page = async () => (await fetch(`http://127.0.0.1:${scrapePort}/metrics`)).text();
  for (let scrapes = 0; scrapes < 5; scrapes++) await page();
  await fetch(`http://127.0.0.1:${appPort}/`).then((response) => response.text());
  await receiver.waitFor(() => receiver.spans.length > 0 && receiver.metric('http.server.request.duration'));
  await page();
  assert.deepEqual(
    receiver.spans.map(({ kind, attributes }) => [kind, attributes['server.port']]),
    [['server', Number(appPort)]],
  );
  assert.equal(receiver.metric('http.server.request.duration')?.count, 1);
  assert.equal(receiver.metric('http.client.request.duration'), undefined);
  assert.match(await page(), /^http_server_request_duration_seconds_count\{[^}]*\} 1$/m);
  app.child.kill('SIGKILL');
  assert.equal((await app.ended).stderr, '');
});

test('a command-line program with start() and shutdown() delivers everything, and its sums are right', async () => {
  receiver.clear();
  const { code, stderr, stdout } = await runApp({
    code: `
      import { start, withSpan } from 'duotel';
      import { metrics, logs } from '@opentelemetry/api';
      const telemetry = start({ serviceName: 'report' });
      const counter = metrics.getMeter('report').createCounter('rows');
      await withSpan('report.run', () => { counter.add(3); logs.getLogger('report').emit({ body: 'three rows' }); });
      const result = await telemetry.shutdown();
      console.log(JSON.stringify(result));`,
    nodeArgs: [],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, true);
  assert.deepEqual([receiver.spans.length, receiver.logs.length, receiver.metric('rows')?.value], [1, 1, 3]);
  assert.equal(receiver.logs[0]?.traceId, receiver.spans[0]?.traceId);
});

test('a program that simply ends is drained', async () => {
  receiver.clear();
  const { code, stderr } = await runApp({
    code: `import { trace, metrics } from '@opentelemetry/api';
      trace.getTracer('x').startSpan('last words').end(); metrics.getMeter('x').createCounter('c').add(2);`,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'cli' },
  });
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual([receiver.spans[0]?.name, receiver.metric('c')?.value], ['last words', 2]);
});

test('JSON and gzip carry the same', async () => {
  for (const env of [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }]) {
    receiver.clear();
    await runApp({
      code: `import { trace } from '@opentelemetry/api'; trace.getTracer('x').startSpan('one', { attributes: { ünï: 'cødé', n: [1, 2] } }).end();`,
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'x' },
    });
    assert.deepEqual(receiver.spans[0]?.attributes, { ünï: 'cødé', n: [1, 2] });
  }
});
