/** One endpoint and seven sources: a cluster with worker threads (T23). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver, type Receiver } from '../../src/testing.ts';
import { freePort } from '../support/backends.ts';
import { httpRequest } from '../support/http-request.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { startApp } from '../support/run-app.ts';
import { until } from '../support/until.ts';

const CLUSTER = `
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { Worker, isMainThread } from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';
const jobs = metrics.getMeter('app').createCounter('jobs');
for (let n = 0; n < 1000; n += 1) jobs.add(1);
if (!isMainThread) setInterval(() => {}, 1000);
else if (cluster.isPrimary) {
  for (let n = 0; n < 4; n += 1) cluster.fork();
  for (let n = 0; n < 2; n += 1) new Worker(new URL(import.meta.url));
  let ready = 0;
  cluster.on('listening', (_, { port }) => ++ready === 4 && console.log('port', port));
} else createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');`;

/** What each instance counted, by the newest point of each. */
function countsOf(receiver: Receiver): number[] {
  const byInstance = new Map<string, number>();
  for (const { name, resource, points } of receiver.metrics) {
    const value = points[0]?.value;
    if (name === 'jobs' && value !== undefined) byInstance.set(String(resource['service.instance.id']), value);
  }
  return [...byInstance.values()];
}

const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'by default': { DUOTEL_METRICS_PORT_BUSY: 'ephemeral' },
  'with a port set': { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) },
};

for (const [title, env] of Object.entries(SETTINGS)) {
  test(`T23 a cluster ${title}: seven instances over OTLP, the primary scraped, one line about ports at most`, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const app = startApp({
      code: CLUSTER,
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRIC_EXPORT_INTERVAL: '200' },
      timeoutMillis: 60_000,
    });
    t.after(() => app.child.kill('SIGKILL'));
    let stderr = '';
    app.child.stderr?.on('data', (text: string) => (stderr += text));
    const [, port] = await app.line(/port (\d+)/);
    await until('seven instances', () => countsOf(receiver).length === 7, 20_000);
    assert.deepEqual(
      countsOf(receiver),
      Array.from({ length: 7 }, () => 1_000),
    );
    assert.equal((await httpRequest({ host: '127.0.0.1', port: Number(port) }, { path: '/' })).body.toString(), 'ok');

    // Somebody else may have the default port; the line then says which one it is instead.
    const moved = /http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(stderr)?.[1];
    const target = { host: '127.0.0.1', port: Number(moved ?? env['OTEL_EXPORTER_PROMETHEUS_PORT'] ?? 9464) };
    const page = parsePrometheus((await httpRequest(target)).body);
    assert.equal(page.get('jobs_total')?.samples[0]?.value, 1_000);
    app.child.kill('SIGTERM');
    assert.match((await app.ended).stderr, /^(?:DUOTEL_PORT_IN_USE [^\n]*\n)?$/);
  });
}
