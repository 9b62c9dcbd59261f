/** Errors of programs that have only the preload: linked to their request, once, and no program can tell. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, type ReceivedLog, startReceiver } from '../../src/testing.ts';
import { type AppOptions, type AppResult, runApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  DUOTEL_SHUTDOWN_TIMEOUT: '3000',
});

const errors = (): readonly ReceivedLog[] =>
  receiver.logs.filter(({ attributes }) => attributes['exception.type'] !== undefined);

/** Runs the same program with and without telemetry; how it ends has to be the same. */
async function runLikeControl(app: AppOptions): Promise<AppResult> {
  const nodeArgs = app.nodeArgs ?? [];
  // An empty preload: `--import` alone changes which frames of Node.js are on the stack.
  const control = await runApp({ ...app, nodeArgs: [...nodeArgs, '--import', 'data:text/javascript,'] });
  const result = await runApp({ ...app, nodeArgs: [...nodeArgs, '--import', 'duotel/register'], env: env() });
  const visible = ({ code, signal, stdout, stderr }: AppResult): unknown[] => [
    code,
    signal,
    stdout,
    stderr.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>').replaceAll(/\(node:\d+\)/g, '(node)'),
  ];
  assert.deepEqual(visible(result), visible(control));
  return result;
}

const SPAN = `
const { trace, context } = require('@opentelemetry/api');
const inSpan = (work) => trace.getTracer('app').startActiveSpan('work', (span) => { span.end(); return work(); });`;

interface Crash {
  readonly code: string;
  readonly nodeArgs?: readonly string[];
  /** Severity and mechanism of the record; undefined: there is none. */
  readonly record: readonly [string, string] | undefined;
  /** Whether the span is still known. */
  readonly isLinked?: boolean;
}

const FATAL = ['FATAL', 'uncaughtException'] as const;
const REJECTED = ['FATAL', 'unhandledRejection'] as const;
const SURVIVED = ['ERROR', 'uncaughtException'] as const;

const CRASHES: Record<string, Crash> = {
  // Under a preload Node runs the program as the import of a module, which rejects.
  'an error at the top': { code: `throw new TypeError('x');`, record: REJECTED },
  'an error in a timer': { code: `inSpan(() => setTimeout(() => { throw new Error('x'); }, 2));`, record: FATAL, isLinked: true }, // oxfmt-ignore
  'a rejection': { code: `inSpan(async () => { await null; throw new Error('x'); });`, record: REJECTED, isLinked: true }, // oxfmt-ignore
  'a rejection with text': { code: `inSpan(async () => { await null; throw 'x'; });`, record: REJECTED, isLinked: true }, // oxfmt-ignore
  'null in a timer': { code: `inSpan(() => setTimeout(() => { throw null; }, 2));`, record: FATAL, isLinked: true },
  'a frozen error': { code: `setTimeout(() => { throw Object.freeze(new Error('x')); });`, record: FATAL },
  'a stack that overflows': { code: `setTimeout(() => { (function dive() { dive(); })(); });`, record: FATAL },
  'a handler that ends the process': { code: `process.on('uncaughtException', () => process.exit(12)); setTimeout(() => { throw new Error('x'); });`, record: SURVIVED }, // oxfmt-ignore
  'a handler that survives': { code: `process.on('uncaughtException', () => console.log('went on')); setTimeout(() => { throw new Error('x'); });`, record: SURVIVED }, // oxfmt-ignore
  'a capture callback': { code: `process.setUncaughtExceptionCaptureCallback(() => console.log('went on')); setTimeout(() => { throw new Error('x'); });`, record: SURVIVED }, // oxfmt-ignore
  'a rejection somebody listens to': { code: `process.on('unhandledRejection', () => console.log('heard')); Promise.reject(new Error('x'));`, record: undefined }, // oxfmt-ignore
  'a rejection that is only warned of': { code: `Promise.reject(new Error('x'));`, nodeArgs: ['--unhandled-rejections=warn'], record: undefined }, // oxfmt-ignore
  'a rejection in strict mode': { code: `Promise.reject(new Error('x'));`, nodeArgs: ['--unhandled-rejections=strict'], record: REJECTED }, // oxfmt-ignore
};

suite('crashes', () => {
  for (const [name, { code, nodeArgs = [], record, isLinked = false }] of Object.entries(CRASHES)) {
    test(`${name}: code and stderr as without telemetry, and the record arrives`, async () => {
      await runLikeControl({ code: `${SPAN}\n${code}`, type: 'cjs', nodeArgs });
      const [log, ...more] = errors();
      assert.equal(more.length, 0);
      assert.deepEqual(log && [log.severityText, log.attributes['error.mechanism']], record);
      if (log === undefined) return;
      assert.equal(log.traceId, isLinked ? receiver.spans[0]?.traceId : undefined);
      const [counter] = receiver.metrics.filter(({ name }) => name === 'duotel.errors');
      assert.equal(counter?.points.length, 1);
    });
  }

  test('an error that was captured before it ends the process is one record', async () => {
    await runLikeControl({
      code: `import { captureError } from 'duotel';
        try { throw new Error('x'); } catch (error) { captureError(error); throw new Error('fatal', { cause: error }); }`,
    });
    assert.deepEqual(
      errors().map(({ body }) => body),
      ['Error: x'],
    );
  });

  test('an error that leaves withSpan() and ends the process is linked to that span', async () => {
    const code = `import { withSpan } from 'duotel'; withSpan('run', () => { throw new Error('x'); });`;
    assert.equal((await runApp({ code, env: env() })).code, 1);
    assert.equal(errors()[0]?.traceId, receiver.spans[0]?.traceId);
    assert.equal(receiver.spans[0]?.events.length, 1);
  });

  test('a worker thread that fails is captured in it, and the main thread hears of it as ever', async () => {
    await runLikeControl({
      type: 'cjs',
      code: `const { Worker, isMainThread } = require('node:worker_threads');
        if (isMainThread) new Worker(__filename).on('error', (error) => console.log('heard', error.message));
        else throw new Error('in a thread');`,
    });
    assert.deepEqual(
      errors().map(({ body }) => body),
      ['Error: in a thread'],
    );
  });

  test('errors are off where the setting says so, and still classified', async () => {
    const { stdout, code } = await runApp({
      code: `import { captureError } from 'duotel';
        const { outcome, errorClass } = captureError(AbortSignal.abort().reason);
        console.log(outcome, errorClass);
        setTimeout(() => { throw new Error('x'); });`,
      env: { ...env(), DUOTEL_ERRORS: 'off' },
    });
    assert.deepEqual([stdout, code, receiver.logs.length], ['off cancelled\n', 1, 0]);
  });
});

test('a flood is ten records and one that tells how many more there were, also at the end of the process', async () => {
  const { code, stderr } = await runApp({
    code: `import { captureError } from 'duotel';
      for (let index = 0; index < 50; index += 1) captureError(new Error('n' + index));
      process.exit(3);`,
    env: env(),
  });
  assert.deepEqual([code, stderr, errors().length], [3, '', 11]);
  assert.equal(errors().at(-1)?.attributes['error.held_back'], 39);
  assert.equal(receiver.metrics.find(({ name }) => name === 'duotel.errors')?.points[0]?.value, 50);
});

suite('stacks', () => {
  test('a stack names the source where --enable-source-maps applies a map', async () => {
    const map = {
      version: 3,
      sources: ['original.ts'],
      names: [],
      // Line 3 of what is generated is line 41 of the source.
      mappings: ';;AAwCA',
    };
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
    await runApp({
      type: 'cjs',
      nodeArgs: ['--enable-source-maps', '--import', 'duotel/register'],
      code: `'use strict';\n\nsetTimeout(() => { throw new Error('mapped'); });\n//# sourceMappingURL=${url}`,
      env: env(),
    });
    assert.match(String(errors()[0]?.attributes['exception.stacktrace']), /original\.ts:41:/);
  });
});
