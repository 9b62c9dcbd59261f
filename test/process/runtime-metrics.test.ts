/**
 * Metrics of the runtime in whole processes: there where metrics have an output, and of no weight where they have none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { getText } from '../support/backends.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { runApp, startApp } from '../support/run-app.ts';

const ON = { DUOTEL_RUNTIME_METRICS: 'on', OTEL_SERVICE_NAME: 'runtime' };

const SERVER = `
  import { createServer } from 'node:http';
  import { start } from 'duotel';
  const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', () =>
    setTimeout(() => {
      const { host, port } = start().status().scrape;
      console.log('metrics at', host + ':' + port);
    }, 100));
  process.once('SIGUSR2', () => { console.log('degraded', JSON.stringify(start().status().degraded)); server.close(); });`;

function namesIn(receiver: Receiver): Set<string> {
  return new Set(receiver.metrics.map(({ name }) => name));
}

test('an idle server tells of its runtime on /metrics and over OTLP, makes no span, and ends by itself', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const env = {
    ...ON,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '200',
  };
  const app = startApp({ code: SERVER, env });
  t.after(() => void app.child.kill('SIGKILL'));
  const [, address] = await app.line(/^metrics at (\S+)$/m);
  await receiver.waitFor(() => namesIn(receiver).has('nodejs.eventloop.delay.p99'));
  const page = parsePrometheus(await getText(`http://${address}/metrics`));
  const names = namesIn(receiver);
  app.child.kill('SIGUSR2');
  const { code, stderr, stdout } = await app.ended;

  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^degraded \{\}$/m);
  assert.deepEqual(receiver.spans, []);
  assert.deepEqual(
    [...names].filter((name) => name.startsWith('http.')),
    [],
  );
  for (const [name, family] of [
    ['process.memory.usage', 'process_memory_usage_bytes'],
    ['process.cpu.time', 'process_cpu_time_seconds_total'],
    ['process.uptime', 'process_uptime_seconds'],
    ['nodejs.eventloop.delay.p99', 'nodejs_eventloop_delay_p99_seconds'],
    ['nodejs.eventloop.utilization', 'nodejs_eventloop_utilization_ratio'],
    ['v8js.memory.heap.used', 'v8js_memory_heap_used_bytes'],
  ] as const) {
    assert.ok(names.has(name), name);
    assert.ok(page.has(family), family);
  }
});

test('DUOTEL_RUNTIME_METRICS=off leaves them out', async (t) => {
  const app = startApp({ code: SERVER, env: { OTEL_EXPORTER_PROMETHEUS_PORT: '0', DUOTEL_RUNTIME_METRICS: 'off' } });
  t.after(() => void app.child.kill('SIGKILL'));
  const [, address] = await app.line(/^metrics at (\S+)$/m);
  assert.deepEqual([...parsePrometheus(await getText(`http://${address}/metrics`)).keys()], ['target_info']);
  app.child.kill('SIGUSR2');
  await app.ended;
});

test('a program without measurements pushes nothing at its end, however it ends', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const env = { ...ON, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const wait = 'await new Promise((resolve) => setTimeout(resolve, 300));';
  for (const code of [wait, `${wait} process.exit(0);`, '']) {
    const result = await runApp({ code: `${code} export {};`, env });
    assert.deepEqual([result.code, result.stderr], [0, ''], code);
  }
  // An interval of a minute begins anywhere in it, and so may have ended in one of them.
  assert.ok(receiver.requests.length <= 1);
});

test('a command that runs for a moment and records something tells of its runtime too', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const code = `
    import { metrics } from '@opentelemetry/api';
    metrics.getMeter('cli').createCounter('orders').add(1);
    await new Promise((resolve) => setTimeout(resolve, 400));`;
  await runApp({ code, env: { ...ON, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
  const names = namesIn(receiver);
  for (const name of ['orders', 'process.cpu.time', 'process.memory.usage', 'nodejs.eventloop.delay.max']) {
    assert.ok(names.has(name), name);
  }
});

test('where metrics have no output nothing of it is even loaded', async () => {
  const code = `
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { createRequire } = await import('node:module');
    const { cache } = createRequire(import.meta.url);
    console.log(Object.keys(cache).filter((file) => /instrument-runtime/.test(file)).length);`;
  const { stdout } = await runApp({ code, env: { ...ON, OTEL_METRICS_EXPORTER: 'none' } });
  assert.equal(stdout, '0\n');
});
