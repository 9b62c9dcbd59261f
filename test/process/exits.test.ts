/**
 * How programs end, with the preload and nothing else: what is delivered, and that nobody could tell (T1–T6).
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp, startApp } from '../support/run-app.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const ITEMS = `
  const { trace, metrics, logs } = require('@opentelemetry/api');
  trace.getTracer('cli').startSpan('work').end(); logs.getLogger('cli').emit({ body: 'done' });
  metrics.getMeter('cli').createCounter('runs').add(1);`;

const env = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_SERVICE_NAME: 'exits',
  // On a machine that runs all tests at once a thread may take longer to start than an exit may take.
  ...(LONG ? {} : { DUOTEL_SHUTDOWN_TIMEOUT: '3000' }),
  // No push in between: the first one comes at a random moment of the interval.
  OTEL_METRIC_EXPORT_INTERVAL: '3600000',
});
const counts = () => [receiver.spans.length, receiver.logs.length, receiver.metrics.length];

/** Runs the same program with and without telemetry. */
async function compare(code: string, runs: number) {
  // An empty preload: `--import` alone changes which frames of Node.js are on the stack.
  const control = await runApp({ code, type: 'cjs', nodeArgs: ['--import', 'data:text/javascript,'] });
  const results = [];
  for (let run = 0; run < runs; run++) results.push(await runApp({ code, type: 'cjs', env: env() }));
  return { control, results };
}

const withoutFolder = (text: string): string => text.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>');

test('T1 a program that ends naturally delivers a span, a log record and a counter each time', async () => {
  const runs = LONG ? 200 : 20;
  const { results } = await compare(ITEMS, runs);
  assert.deepEqual(
    results.filter(({ code, stderr }) => code !== 0 || stderr !== ''),
    [],
  );
  assert.deepEqual(counts(), [runs, runs, runs]);
});

test('T2 process.exit(3) keeps its code, and spans, log records and metric totals arrive', async () => {
  const runs = LONG ? 100 : 15;
  const { results } = await compare(`${ITEMS} process.exit(3);`, runs);
  assert.deepEqual(
    results.filter(({ code, stderr }) => code !== 3 || stderr !== ''),
    [],
  );
  assert.deepEqual(counts(), [runs, runs, runs]);
});

const CRASHES = {
  'an uncaught error': `${ITEMS} function fail() { throw new TypeError('no such order'); }\nfail();`,
  'an uncaught error in a timer': `${ITEMS} setTimeout(() => { throw new Error('later'); }, 5);`,
  'an unhandled rejection': `${ITEMS} Promise.reject(new Error('nobody cared'));`,
  'a thrown null': `${ITEMS} throw null;`,
};

for (const [name, code] of Object.entries(CRASHES)) {
  test(`T3 ${name}: code and stack as without telemetry, and everything that was recorded arrives`, async () => {
    const runs = LONG ? 50 : 3;
    const { control, results } = await compare(code, runs);
    for (const { code: exit, signal, stderr } of results) {
      assert.deepEqual(
        [exit, signal, withoutFolder(stderr)],
        [control.code, control.signal, withoutFolder(control.stderr)],
      );
    }
    // The error itself is one more record, and a counter.
    assert.deepEqual(counts(), [runs, 2 * runs, 2 * runs]);
  });
}

const SERVER = `
  const http = require('node:http');
  const server = http.createServer((request, response) => setTimeout(() => response.end('ok'), 5)).listen(0, '127.0.0.1', () => console.log('port', server.address().port));`;

test('T4 a server without signal handlers dies by SIGTERM, and its queued spans arrive', async () => {
  const app = startApp({ code: SERVER, type: 'cjs', env: { ...env(), OTEL_EXPORTER_PROMETHEUS_PORT: '0' } });
  const [, port] = await app.line(/port (\d+)/);
  for (let request = 0; request < 10; request++)
    await fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
  assert.equal(receiver.spans.length, 0, 'still queued');
  app.child.kill('SIGTERM');
  const { code, signal, stderr } = await app.ended;
  assert.deepEqual([code, signal, stderr], [null, 'SIGTERM', '']);
  assert.equal(receiver.spans.length, 10);
  assert.ok(receiver.metric('http.server.request.duration') !== undefined);
});

test('T5 a host that drains and exits with its own code does so', async () => {
  const code = `${SERVER.replace('=> setTimeout', "=> console.log('in flight') || setTimeout").replace('5))', '200))')} process.on('SIGTERM', () => server.close(() => setTimeout(() => process.exit(7), 300)));`;
  const app = startApp({ code, type: 'cjs', env: { ...env(), OTEL_EXPORTER_PROMETHEUS_PORT: '0' } });
  const [, port] = await app.line(/port (\d+)/);
  const inFlight = Promise.all(
    Array.from({ length: 5 }, () => fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())),
  );
  await app.line(/(?:in flight[^]*){5}/);
  app.child.kill('SIGTERM');
  assert.deepEqual(await inFlight, ['ok', 'ok', 'ok', 'ok', 'ok']);
  assert.equal((await app.ended).code, 7);
});

test('T6 a second signal ends a flush that nobody answers', async () => {
  const release = receiver.fault({ hang: true });
  const app = startApp({
    code: `${ITEMS} setInterval(() => {}, 1000); console.log('ready');`,
    type: 'cjs',
    env: { ...env(), DUOTEL_SHUTDOWN_TIMEOUT: '15000' },
  });
  await app.line(/ready/);
  app.child.kill('SIGINT');
  await receiver.waitFor({ requests: 1 });
  const startedAt = performance.now();
  app.child.kill('SIGINT');
  const { signal } = await app.ended;
  release();
  assert.equal(signal, 'SIGINT');
  assert.ok(performance.now() - startedAt < 200 + 1000);
});

/** As signal-exit does it: raises the signal again in the same call, if its own listeners are the only ones. */
const SIGNAL_EXIT = `
  const emitter = globalThis[Symbol.for('signal-exit emitter')] = { count: 1 };
  process.on('SIGTERM', function listener() {
    if (process.listeners('SIGTERM').length !== emitter.count) return;
    process.off('SIGTERM', listener); emitter.count = 0;
    process.kill(process.pid, 'SIGTERM');
  });`;

test('beside signal-exit everything is delivered once', async () => {
  const app = startApp({
    code: `${SIGNAL_EXIT} ${ITEMS} setInterval(() => {}, 1000); console.log('ready');`,
    type: 'cjs',
    env: env(),
  });
  await app.line(/ready/);
  app.child.kill('SIGTERM');
  const { signal, stderr } = await app.ended;
  assert.deepEqual([signal, stderr, ...counts()], ['SIGTERM', '', 1, 1, 1]);
});

test('DUOTEL_SIGNALS=off leaves signals alone', async () => {
  const app = startApp({
    code: `${ITEMS} setInterval(() => {}, 1000); console.log('ready', process.listenerCount('SIGTERM'));`,
    type: 'cjs',
    env: { ...env(), DUOTEL_SIGNALS: 'off' },
  });
  const [, listeners] = await app.line(/ready (\d)/);
  app.child.kill('SIGTERM');
  assert.deepEqual([listeners, (await app.ended).signal], ['0', 'SIGTERM']);
});

test('an endpoint that hangs makes process.exit() late by its budget and no more, with one line for what was lost', async () => {
  const release = receiver.fault({ hang: true });
  const control = await runApp({ code: `${ITEMS} process.exit(0);`, type: 'cjs', nodeArgs: [] });
  const hanging = await runApp({
    code: `${ITEMS} process.exit(0);`,
    type: 'cjs',
    env: { ...env(), DUOTEL_SHUTDOWN_TIMEOUT: '' },
  });
  release();
  assert.match(hanging.stderr, /^DUOTEL_EXIT_LOSS 3 items [^\n]*\n$/);
  assert.ok(
    hanging.millis - control.millis < 400 + 100 + 1000,
    `${hanging.millis - control.millis} ms over the control`,
  );
});

test('exit(code) delivers metric totals too, and ends with the code', async () => {
  const code = `${ITEMS} const { exit } = require('duotel'); exit(9);`;
  const { code: exit, stderr } = await runApp({ code, type: 'cjs', env: env() });
  assert.deepEqual([exit, stderr, ...counts(), receiver.metric('runs')?.value], [9, '', 1, 1, 1, 1]);
});

test('exit(code) without telemetry only exits', async () => {
  const { code } = await runApp({ code: `require('duotel').exit(4);`, type: 'cjs', nodeArgs: [] });
  assert.equal(code, 4);
});
