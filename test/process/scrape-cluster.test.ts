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
  for (let n = 0; n < 2; n += 1) new Worker(new URL(import.meta.url)).on('error', () => console.log('crash'));
  cluster.on('exit', () => console.log('crash'));
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

const REQUESTS = 200;

/** Asks a port so many times, ten at once on fresh connections, which a cluster hands round. */
async function ask(port: number): Promise<void> {
  const one = async (): Promise<void> => {
    const { body } = await httpRequest({ host: '127.0.0.1', port }, { path: '/' });
    assert.equal(body.toString(), 'ok');
  };
  for (let asked = 0; asked < REQUESTS; asked += 10) await Promise.all(Array.from({ length: 10 }, one));
}

/** Requests by instance, as the newest points of their durations count them. */
function servedBy(receiver: Receiver): number[] {
  const byInstance = new Map<string, number>();
  for (const { name, resource, points } of receiver.metrics) {
    if (name !== 'http.server.request.duration') continue;
    const count = points.reduce((sum, point) => sum + (point.count ?? 0), 0);
    byInstance.set(String(resource['service.instance.id']), count);
  }
  return [...byInstance.values()];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'by default': { DUOTEL_METRICS_PORT_BUSY: 'ephemeral' },
  'with a port set': { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) },
};

for (const [title, env] of Object.entries(SETTINGS)) {
  test(`T23 a cluster ${title}, serving: seven instances over OTLP, no crash, the primary scraped, one line about ports at most`, async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const app = startApp({
      code: CLUSTER,
      env: {
        ...env,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
      timeoutMillis: 60_000,
    });
    t.after(() => app.child.kill('SIGKILL'));
    let stdout = '';
    let stderr = '';
    app.child.stdout?.on('data', (text: string) => (stdout += text));
    app.child.stderr?.on('data', (text: string) => (stderr += text));
    const [, port] = await app.line(/port (\d+)/);
    await until('seven instances', () => countsOf(receiver).length === 7, 20_000);
    assert.deepEqual(
      countsOf(receiver),
      Array.from({ length: 7 }, () => 1_000),
    );
    await ask(Number(port));
    await until('the requests', () => sum(servedBy(receiver)) === REQUESTS, 20_000);
    assert.equal(servedBy(receiver).length, 4);
    await until('their spans', () => receiver.spans.length === REQUESTS, 20_000);

    // Somebody else may have the default port; the line then says which one it is instead.
    const moved = /http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(stderr)?.[1];
    const target = { host: '127.0.0.1', port: Number(moved ?? env['OTEL_EXPORTER_PROMETHEUS_PORT'] ?? 9464) };
    const page = parsePrometheus((await httpRequest(target)).body);
    assert.equal(page.get('jobs_total')?.samples[0]?.value, 1_000);
    assert.equal(stdout, `port ${port}\n`);
    app.child.kill('SIGTERM');
    assert.match((await app.ended).stderr, /^(?:DUOTEL_PORT_IN_USE [^\n]*\n)?$/);
  });
}
