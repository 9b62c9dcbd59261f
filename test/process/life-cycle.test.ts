/**
 * Start, stop, start again; workers, forks, tools; and the API's global object shared with others (T24, T35).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { PRELOAD, runApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'life' });
const names = () => receiver.spans.map((span) => span.name).sort();

test('a second start() gives the same handle; after a shutdown telemetry starts again for tracers and instruments made before', async () => {
  const { stderr, code } = await runApp({
    code: `
      import assert from 'node:assert';
      import { metrics, trace } from '@opentelemetry/api';
      import { start } from 'duotel';
      const tracer = trace.getTracer('early');
      const first = start();
      const counter = metrics.getMeter('m').createCounter('c');
      assert.equal(start(), first);
      tracer.startSpan('first').end(); counter.add(1);
      assert.equal(first.shutdown(), first.shutdown());
      assert.equal((await first.shutdown()).ok, true);
      assert.equal(first.status().state, 'shut down');
      tracer.startSpan('between').end(); counter.add(100);
      const second = start();
      assert.notEqual(second, first);
      tracer.startSpan('second').end(); counter.add(10);
      await second.shutdown();`,
    nodeArgs: [],
    env: env(),
  });
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(names(), ['first', 'second']);
  assert.deepEqual(
    receiver.metrics.map((metric) => metric.points[0]?.value),
    [1, 10],
  );
});

test('options after the preload have no effect, and one line says what to do; without options there is none', async () => {
  const { stderr, code } = await runApp({
    code: `import { start } from 'duotel'; start(); start({ serviceName: 'other', destinations: [] });`,
    env: env(),
  });
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^DUOTEL_CONFIG_CONFLICT [^\n]*serviceName, destinations, which has no effect[^\n]*--import[^\n]*\n$/,
  );
});

test('tracers made before start() without the preload record after it, in ES modules and CommonJS', async () => {
  for (const type of ['mjs', 'cjs'] as const) {
    receiver.clear();
    const imports =
      type === 'mjs'
        ? `import { trace, logs } from '@opentelemetry/api'; import { start } from 'duotel';`
        : `const { trace, logs } = require('@opentelemetry/api'); const { start } = require('duotel');`;
    const { stderr } = await runApp({
      code: `${imports} const tracer = trace.getTracer('early'); const logger = logs.getLogger('early'); const telemetry = start();
        tracer.startSpan('early').end(); logger.emit({ body: 'early' }); telemetry.shutdown();`,
      type,
      nodeArgs: [],
      env: env(),
    });
    assert.deepEqual([type, stderr, names(), receiver.logs.length], [type, '', ['early'], 1]);
  }
});

test('shutdown and flush resolve to what happened when nobody answers, and within their budget', async () => {
  const release = receiver.fault({ hang: true });
  const { stdout, code, millis } = await runApp({
    code: `
      import { start } from 'duotel'; import { trace } from '@opentelemetry/api';
      const telemetry = start(); trace.getTracer('x').startSpan('x').end();
      console.log(JSON.stringify([await telemetry.forceFlush({ timeoutMillis: 200 }), await telemetry.shutdown({ timeoutMillis: 300 })]));`,
    nodeArgs: [],
    env: env(),
  });
  release();
  const [flushed, stopped] = JSON.parse(stdout) as { ok: boolean; traces: string; elapsedMillis: number }[];
  assert.deepEqual([flushed?.ok, flushed?.traces, stopped?.ok, code], [false, 'late', false, 0]);
  assert.ok((flushed?.elapsedMillis ?? 0) < 200 + 400 && (stopped?.elapsedMillis ?? 0) < 300 + 400 && millis < 5000);
});

test('disabled: nothing is loaded, nothing is said, the API stays a no-op', async () => {
  const { stdout, stderr } = await runApp({
    code: `const { trace } = require('@opentelemetry/api');
      console.log(trace.getTracer('x').startSpan('x').isRecording(), Object.keys(require.cache).filter((file) => file.includes('duotel') || file.includes('/dist/run')).length,
        globalThis[Symbol.for('opentelemetry.js.api.1')]);`,
    type: 'cjs',
    env: { ...env(), OTEL_SDK_DISABLED: 'TRUE' },
  });
  assert.match(stdout, /^false \d undefined\n$/);
  assert.equal(stderr, '');
});

test('T24 npm scripts and helper processes under NODE_OPTIONS behave as without', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-npm-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const script = `node -e "console.log(1)" && node -e "console.error(2)" && node -p "3"; node -e "process.exit(4)"`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'x', scripts: { go: script } }));
  const npm = (options: string) =>
    spawnSync('npm', ['run', 'go'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      env: {
        PATH: dirname(process.execPath) + delimiter + process.env['PATH'],
        HOME: folder,
        npm_config_update_notifier: 'false',
        NODE_OPTIONS: options,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      },
    });
  const [control, ours] = [npm(''), npm(`--import=${join(ROOT, 'dist/register.js')}`)];
  const said = ({ status, stdout, stderr }: typeof control) => ({
    status,
    stdout,
    stderr: stderr.replaceAll(/\S+-debug-\d\.log/g, ''),
  });
  assert.deepEqual(said(ours), said(control));
  assert.match(control.stdout, /1[^]*3/);
});

test('T35 an application with API 1.9 is served, also when it touched the API first', async () => {
  for (const order of ['duotel first', 'API 1.9 first']) {
    receiver.clear();
    const { stderr } = await runApp({
      code: `
        import { createRequire } from 'node:module'; import { start } from 'duotel';
        const { trace, diag, DiagConsoleLogger, DiagLogLevel } = createRequire(import.meta.url)('api-1-9');
        if (${order === 'API 1.9 first'}) diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.NONE);
        const telemetry = start();
        trace.getTracer('old').startSpan('from 1.9').end();
        await telemetry.shutdown();`,
      nodeArgs: [],
      env: env(),
    });
    assert.deepEqual([order, names(), stderr], [order, ['from 1.9'], '']);
  }
});

test('T35 an application with a newer minor of the API is served', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-newer-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, 'node_modules/@opentelemetry/api');
  cpSync(join(ROOT, 'node_modules/@opentelemetry/api'), copy, { recursive: true });
  for (const file of ['package.json', ...globSync('dist/**/*.{cjs,mjs}', { cwd: copy })]) {
    writeFileSync(join(copy, file), readFileSync(join(copy, file), 'utf8').replaceAll('1.10.0', '1.11.0'));
  }
  const { stderr } = await runApp({
    code: `import { trace, metrics } from '@opentelemetry/api'; trace.getTracer('new').startSpan('from 1.11').end(); metrics.getMeter('m').createCounter('c').add(1);`,
    folder,
    env: env(),
  });
  assert.deepEqual([names(), receiver.metric('c')?.value, stderr], [['from 1.11'], 1, '']);
});

test('T35 a host SDK that came first keeps what it holds, and one line names it', async () => {
  const { stderr } = await runApp({
    code: `
      import { NodeSDK } from '@opentelemetry/sdk-node'; import { trace } from '@opentelemetry/api'; import { start } from 'duotel';
      const seen = []; const own = { onStart() {}, onEnd: (span) => seen.push(span.name), forceFlush: async () => {}, shutdown: async () => {} };
      const sdk = new NodeSDK({ spanProcessors: [own], instrumentations: [] }); sdk.start();
      const telemetry = start();
      trace.getTracer('host').startSpan('to the host').end();
      console.log(seen.join());
      await telemetry.shutdown(); trace.getTracer('host').startSpan('still to the host').end(); console.log(seen.join());
      await sdk.shutdown();`,
    nodeArgs: [],
    env: env(),
  }).then((result) => {
    assert.equal(result.stdout, 'to the host\nto the host,still to the host\n');
    return result;
  });
  assert.match(
    stderr,
    /^DUOTEL_API_TAKEN Another OpenTelemetry SDK, registered with API 1\.10\.0, holds trace \(\w+\)[^\n]*\n$/,
  );
});

test('T35 two copies of the package make one pipeline', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-twice-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(ROOT, 'dist'), join(folder, 'second'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const { stderr, stdout } = await runApp({
    code: `
      import { start } from '${join(ROOT, 'dist/index.js')}'; import * as second from '${join(folder, 'second/index.js')}';
      const telemetry = start(); console.log(telemetry === second.start());
      second.withSpan('once', () => {}); await telemetry.shutdown();`,
    nodeArgs: [],
    env: env(),
  });
  assert.deepEqual([stdout, stderr, names()], ['true\n', '', ['once']]);
});

test('worker threads and forks export with identities of their own and open no listener', async () => {
  const { stderr, code } = await runApp({
    code: `
      import { Worker, isMainThread } from 'node:worker_threads'; import { trace } from '@opentelemetry/api';
      trace.getTracer('t').startSpan(isMainThread ? 'main' : 'worker').end();
      if (isMainThread) new Worker(new URL(import.meta.url)); else await new Promise((resolve) => setTimeout(resolve, 300));`,
    env: {
      ...env(),
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    },
  });
  assert.deepEqual([code, stderr, names()], [0, '', ['main', 'worker']]);
  assert.equal(new Set(receiver.spans.map((span) => span.resource['service.instance.id'])).size, 2);
});

test('the preload file of this checkout works as the documentation writes it', () => {
  assert.ok(existsSync(join(ROOT, 'telemetry')));
  const child = spawnSync(
    process.execPath,
    ['--import', './telemetry', '--eval', 'console.log(Boolean(globalThis[Symbol.for("duotel.telemetry")]))'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    },
  );
  assert.deepEqual([child.stdout, child.stderr], ['true\n', '']);
  assert.deepEqual(PRELOAD, ['--import', join(ROOT, 'telemetry')]);
});
