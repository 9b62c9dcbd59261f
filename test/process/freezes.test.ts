/**
 * Processes that stand still for a while: a laptop that sleeps, a container that is paused, a function between two
 * invocations. Nothing is lost, nothing arrives twice, and nobody is told of a timeout.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { type RunningApp, startApp } from '../support/run-app.ts';
import { refusedUrl } from '../unit/delivery/fault-server.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

/** One invocation for each SIGUSR2; says what the flush reported. */
const FUNCTION = `
  import { trace, logs } from '@opentelemetry/api';
  import { start } from 'duotel';
  const telemetry = start({ serviceName: 'function' });
  let invocation = 0;
  process.on('SIGUSR2', async () => {
    const number = invocation++;
    trace.getTracer('function').startSpan('invocation ' + number).end();
    logs.getLogger('function').emit({ body: 'invoked' });
    const result = await telemetry.forceFlush({ timeoutMillis: 500 });
    console.log('flushed', number, JSON.stringify(result));
  });
  setInterval(() => {}, 1000);
  console.log('ready');`;

async function withReceiver(use: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver();
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
}

function startFunction(url: string): RunningApp {
  return startApp({
    code: FUNCTION,
    nodeArgs: [],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
    timeoutMillis: 400_000,
  });
}

/** Invokes once and gives what the flush reported. */
async function invoke({ child, line }: RunningApp, number: number): Promise<Record<string, unknown>> {
  child.kill('SIGUSR2');
  const [, result = ''] = await line(new RegExp(`flushed ${number} (.*)\n`));
  return JSON.parse(result) as Record<string, unknown>;
}

async function freeze({ child }: RunningApp, millis: number): Promise<void> {
  child.kill('SIGSTOP');
  await sleep(millis);
  child.kill('SIGCONT');
}

const INVOCATIONS = 5;
/** The long run outlasts what servers keep idle connections open for. */
const FROZEN_MILLIS = LONG ? 60_000 : 2000;

suite('freezes', { concurrency: 3 }, () => {
  test(`a function that is frozen after each forceFlush(): each flushed item arrived before, and once`, () =>
    withReceiver(async (receiver) => {
      const app = startFunction(receiver.url);
      await app.line(/ready/);
      for (let number = 0; number < INVOCATIONS; number++) {
        const { ok, traces, logs } = await invoke(app, number);
        assert.deepEqual([ok, traces, logs], [true, 'flushed', 'flushed']);
        assert.deepEqual([receiver.spans.length, receiver.logs.length], [number + 1, number + 1]);
        await freeze(app, FROZEN_MILLIS);
      }
      app.child.kill('SIGTERM');
      const { signal, stderr } = await app.ended;
      assert.deepEqual([signal, stderr], ['SIGTERM', '']);
      assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, INVOCATIONS);
      assert.deepEqual([receiver.spans.length, receiver.logs.length], [INVOCATIONS, INVOCATIONS]);
    }));

  test('forceFlush() of a function whose destination is away reports so within its time, and never rejects', async () => {
    const app = startFunction(new URL(await refusedUrl()).origin);
    await app.line(/ready/);
    for (let number = 0; number < 2; number++) {
      const { ok, traces, elapsedMillis } = await invoke(app, number);
      assert.deepEqual([ok, traces], [false, 'failed']);
      assert.ok(Number(elapsedMillis) < 500 + 1000);
    }
    app.child.kill('SIGTERM');
    assert.equal((await app.ended).signal, 'SIGTERM');
  });

  test('stopped for three seconds with a request in flight: nothing lost, nothing twice, no line', () =>
    withReceiver(async (receiver) => {
      const release = receiver.fault({ delayMillis: 500, times: 1 });
      const app = startApp({
        code: `import { trace } from '@opentelemetry/api';
          for (let item = 0; item < 10; item++) trace.getTracer('stopped').startSpan('item').end();
          setInterval(() => {}, 1000);
          process.on('SIGUSR2', () => trace.getTracer('stopped').startSpan('after').end());`,
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_SERVICE_NAME: 'stopped',
          OTEL_BSP_SCHEDULE_DELAY: '50',
        },
      });
      await receiver.waitFor({ requests: 1 });
      await freeze(app, 3000);
      release();
      app.child.kill('SIGUSR2');
      await receiver.waitFor(() => receiver.spans.length >= 11);
      app.child.kill('SIGTERM');
      const { signal, stderr } = await app.ended;
      assert.deepEqual([signal, stderr], ['SIGTERM', '']);
      assert.equal(receiver.spans.length, 11);
      assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, 11);
    }));

  test('stopped for longer than a request may take: it is repeated, nothing is lost, no line', () =>
    withReceiver(async (receiver) => {
      const release = receiver.fault({ delayMillis: 300, times: 1 });
      const app = startApp({
        code: `import { trace } from '@opentelemetry/api';
          for (let item = 0; item < 10; item++) trace.getTracer('stopped').startSpan('item').end();
          setInterval(() => {}, 1000);`,
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_SERVICE_NAME: 'stopped',
          OTEL_BSP_SCHEDULE_DELAY: '50',
          OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
        },
      });
      await receiver.waitFor({ requests: 1 });
      await freeze(app, 3000);
      await receiver.waitFor(() => receiver.spans.length >= 10);
      release();
      app.child.kill('SIGTERM');
      const { signal, stderr } = await app.ended;
      assert.deepEqual([signal, stderr], ['SIGTERM', '']);
      assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, 10);
      // At-least-once: the answer had come, but nobody was awake to read it in time.
      assert.ok(receiver.spans.length <= 20, `${receiver.spans.length} spans`);
    }));
});
