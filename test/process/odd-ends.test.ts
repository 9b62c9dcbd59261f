/**
 * Ends in odd surroundings, with the preload and nothing else: parents that are gone, PID 1, test runners, permissions,
 * workers. Each ends as without telemetry, and everything arrives.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { type AppOptions, type AppResult, PRELOAD, runApp, type RunningApp, startApp } from '../support/run-app.ts';
import { until } from '../unit/delivery/fault-server.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'odd' });
const names = () => receiver.spans.map(({ name }) => name).sort();
const SPAN = `const { trace } = require('@opentelemetry/api');
  const span = (name) => trace.getTracer('odd').startSpan(name).end();\n`;
const EMPTY_PRELOAD = ['--import', 'data:text/javascript,'];

const withoutFolder = (text: string): string => text.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>');
const said = ({ code, signal, stdout, stderr }: AppResult) => ({
  code,
  signal,
  stdout: withoutFolder(stdout),
  stderr: withoutFolder(stderr),
});

/** The same program without telemetry and with it. */
async function compare(options: Omit<AppOptions, 'env'>, clean = (text: string) => text): Promise<AppResult> {
  const extra = options.nodeArgs ?? [];
  const control = await runApp({ ...options, nodeArgs: [...EMPTY_PRELOAD, ...extra] });
  const result = await runApp({ ...options, nodeArgs: [...PRELOAD, ...extra], env: env() });
  const [mine, theirs] = [said(result), said(control)].map((each) => ({ ...each, stdout: clean(each.stdout) }));
  assert.deepEqual(mine, theirs);
  return control;
}

test('an unsettled top-level await keeps its code 13 and its warning', async () => {
  const code = `import { trace } from '@opentelemetry/api'; trace.getTracer('odd').startSpan('a').end(); await new Promise(() => {});`;
  assert.equal((await compare({ code })).code, 13);
  assert.deepEqual(names(), ['a']);
});

test('node --test with the preload: code and TAP as without', async () => {
  const code = `${SPAN} const { test } = require('node:test');
    test('passes', () => span('in a test')); test('fails', () => { throw new Error('mine'); });`;
  const nodeArgs = ['--test', '--test-reporter=tap'];
  const control = await compare({ code, type: 'cjs', nodeArgs }, (text) =>
    text.replaceAll(/duration_ms:? [\d.]+/g, 'duration_ms').replaceAll(/^.*\((?:node|file):.*$\n/gm, ''),
  );
  assert.equal(control.code, 1);
  assert.match(control.stdout, /not ok 2 - fails/);
  assert.deepEqual(names(), ['in a test']);
});

const PERMISSIONS = ['--no-warnings', '--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-net'].filter(
  (argument) => argument !== '--allow-net' || process.allowedNodeEnvironmentFlags.has(argument),
);

test('--permission with --allow-worker: process.exit() delivers', async () => {
  const code = `${SPAN} span('a'); process.exit(3);`;
  await compare({ code, type: 'cjs', nodeArgs: [...PERMISSIONS, '--allow-worker'] });
  assert.deepEqual(names(), ['a']);
});

test('--permission without --allow-worker: the code is kept and one line says what was lost and why', async () => {
  const result = await runApp({
    code: `${SPAN} span('a'); process.exit(3);`,
    type: 'cjs',
    nodeArgs: [...PERMISSIONS, ...PRELOAD],
    env: env(),
  });
  assert.equal(result.code, 3);
  assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item [^\n]*--allow-worker[^\n]*\n$/);
});

test('worker threads that end, throw or are told to exit deliver, and so does their main thread', async () => {
  const code = `${SPAN} const { Worker, isMainThread, workerData } = require('node:worker_threads');
    if (isMainThread) {
      span('main');
      const ended = ['ends', 'throws', 'exits'].map((end) => new Promise((resolve) => {
        const worker = new Worker(__filename, { workerData: end });
        let cause = '';
        worker.on('error', ({ message }) => (cause = message)).on('exit', (code) => resolve([end, code, cause]));
      }));
      Promise.all(ended).then((all) => { console.log(JSON.stringify(all)); process.exit(4); });
    } else {
      span(workerData);
      if (workerData === 'throws') throw new Error('mine');
      if (workerData === 'exits') process.exit(2);
    }`;
  assert.equal((await compare({ code, type: 'cjs' })).code, 4);
  assert.deepEqual(names(), ['ends', 'exits', 'main', 'throws']);
});

test('cluster workers that exit, throw or get SIGTERM deliver, and their primary sees what it sees without', async () => {
  const code = `${SPAN} const cluster = require('node:cluster');
    if (cluster.isPrimary) {
      const seen = {};
      for (const end of ['exits', 'throws', 'SIGTERM']) {
        const worker = cluster.fork({ END: end });
        worker.process.stderr?.resume();
        worker.on('message', () => worker.process.kill('SIGTERM'));
        worker.on('exit', (code, signal) => {
          seen[end] = [code, signal];
          if (Object.keys(seen).length === 3) console.log(JSON.stringify(Object.entries(seen).sort()));
        });
      }
    } else {
      span(process.env.END);
      process.on('uncaughtException', () => process.exit(9));
      if (process.env.END === 'exits') process.exit(2);
      if (process.env.END === 'throws') throw new Error('mine');
      setInterval(() => {}, 1000); process.send('up');
    }`;
  const control = await compare({ code, type: 'cjs' });
  assert.match(control.stdout, /"SIGTERM",\[null,"SIGTERM"\]/);
  assert.deepEqual(names(), ['SIGTERM', 'exits', 'throws']);
});

/** Closes the pipes a program writes to, as a parent that is gone does. */
function abandon({ child }: RunningApp): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** How a program ended whose output nobody reads. */
async function endOf({ child }: RunningApp): Promise<readonly [number | null, NodeJS.Signals | null]> {
  await until(() => child.exitCode !== null || child.signalCode !== null, 'the program ends');
  return [child.exitCode, child.signalCode];
}

suite('the parent is gone', () => {
  const LEAVE = `setTimeout(() => { span('late'); process.exit(3); }, 300); console.log('ready');`;

  test('closed pipes: process.exit() delivers and keeps its code', async () => {
    const app = startApp({ code: SPAN + LEAVE, type: 'cjs', env: env() });
    await app.line(/ready/);
    abandon(app);
    assert.deepEqual(await endOf(app), [3, null]);
    assert.deepEqual(names(), ['late']);
  });

  for (const end of ['process.exit(3)', 'process.exitCode = 3']) {
    test(`a line that cannot be written, for stderr is closed, does not end the program before its ${end}`, async () => {
      const release = receiver.fault({ status: 401 });
      const app = startApp({
        code: `${SPAN} span('a'); console.log('ready'); setTimeout(() => { span('b'); ${end}; }, 700);`,
        type: 'cjs',
        env: { ...env(), OTEL_BSP_SCHEDULE_DELAY: '50' },
      });
      await app.line(/ready/);
      abandon(app);
      assert.deepEqual(await endOf(app), [3, null]);
      release();
    });
  }

  test('SIGHUP after the pipes were closed: delivered, and the process dies by the signal', async () => {
    const app = startApp({
      code: `${SPAN} span('a'); setInterval(() => {}, 1000); console.log('ready');`,
      type: 'cjs',
      env: env(),
    });
    await app.line(/ready/);
    abandon(app);
    app.child.kill('SIGHUP');
    assert.deepEqual(await endOf(app), [null, 'SIGHUP']);
    assert.deepEqual(names(), ['a']);
  });
});

const UNSHARE = ['--pid', '--fork', '--kill-child'];
const NO_UNSHARE =
  spawnSync('unshare', [...UNSHARE, 'true']).status === 0 ? false : 'a PID namespace may not be made here';

suite('PID 1', { skip: NO_UNSHARE }, () => {
  const asInit = (code: string, telemetry = true): RunningApp =>
    startApp({
      code: SPAN + code,
      type: 'cjs',
      node: 'unshare',
      nodeArgs: [...UNSHARE, process.execPath, ...(telemetry ? PRELOAD : EMPTY_PRELOAD)],
      env: telemetry ? env() : {},
    });
  /** The process id of PID 1 as seen from here. */
  const initOf = ({ child }: RunningApp): number =>
    Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim());
  const STAY = `span('a'); setInterval(() => {}, 1000);
    process.on('SIGUSR2', () => { span('b'); console.log('alive'); });`;
  const READY = `console.log('ready', process.pid);`;

  test('SIGTERM without a listener has no effect there, as without telemetry; what was queued is delivered each time', async () => {
    for (const telemetry of [false, true]) {
      const app = asInit(STAY + READY, telemetry);
      await app.line(/ready 1\n/);
      const pid = initOf(app);
      process.kill(pid, 'SIGTERM');
      if (telemetry) await receiver.waitFor(() => names().includes('a'));
      process.kill(pid, 'SIGUSR2');
      await app.line(/alive/);
      process.kill(pid, 'SIGTERM');
      if (telemetry) await receiver.waitFor(() => names().includes('b'));
      process.kill(pid, 'SIGUSR2');
      await app.line(/alive[^]*alive/);
      process.kill(pid, 'SIGKILL');
      assert.doesNotMatch((await app.ended).stderr, /DUOTEL/);
    }
    assert.deepEqual(names().slice(0, 2), ['a', 'b']);
  });

  test('a listener that exits 7 does so, and everything arrives', async () => {
    const app = asInit(
      `${STAY} process.on('SIGTERM', () => setTimeout(() => { span('last'); process.exit(7); }, 50)); ${READY}`,
    );
    await app.line(/ready 1\n/);
    process.kill(initOf(app), 'SIGTERM');
    const { code, stderr } = await app.ended;
    assert.doesNotMatch(stderr, /DUOTEL/);
    assert.deepEqual([code, names()], [7, ['a', 'last']]);
  });

  test('process.exit() and an uncaught error deliver', async () => {
    assert.equal((await asInit(`span('exits'); process.exit(3);`).ended).code, 3);
    assert.equal((await asInit(`span('throws'); throw new Error('mine');`).ended).code, 1);
    assert.deepEqual(names(), ['exits', 'throws']);
  });
});
