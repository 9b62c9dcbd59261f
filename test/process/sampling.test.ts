/**
 * Sampling in a program: what is undecided at the end is decided by what is known, whichever way it ends; rules see
 * requests as they start.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { type AppResult, runApp } from '../support/run-app.ts';

const PREAMBLE = `
  const { trace, context, ROOT_CONTEXT } = require('@opentelemetry/api');
  const { telemetry } = globalThis[Symbol.for('duotel.telemetry')];
  const tracer = trace.getTracer('tail');
  const start = (name, parent) => tracer.startSpan(name, {}, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));
  const failed = (span) => span.setStatus({ code: 2 });
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));\n`;

async function run(body: string, env: Record<string, string>): Promise<{ result: AppResult; receiver: Receiver }> {
  const receiver = await startReceiver();
  try {
    const result = await runApp({
      code: `${PREAMBLE}(async () => { ${body} })();`,
      type: 'cjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_SERVICE_NAME: 'tail',
        ENABLE_PROMETHEUS_METRICS: 'false',
        ...env,
      },
    });
    return { result, receiver };
  } finally {
    await receiver.close();
  }
}

const namesOf = ({ spans }: Receiver): string[] => spans.map(({ name }) => name).toSorted();

/** Two that have ended, two that have not; of each one with an error. */
const TRACES = `
  start('good').end();
  failed(start('bad')).end();
  const open = start('open'); start('child of open', open).end();
  const broken = start('broken'); failed(start('child of broken', broken)).end();`;

suite('tail sampling', { concurrency: 2 }, () => {
  for (const [name, end] of [
    ['process.exit()', 'process.exit(3);'],
    ['the natural end', 'process.exitCode = 3;'],
    ['shutdown()', 'process.exitCode = 3; await telemetry.shutdown();'],
    ['SIGTERM', "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');"],
  ] as const)
    test(`${name} sends what is known to be worth it, and is silent about the rest`, async () => {
      const { result, receiver } = await run(`${TRACES} ${end}`, { DUOTEL_TAIL_SAMPLING: 'errors' });
      assert.equal(result.signal ?? result.code, name === 'SIGTERM' ? 'SIGTERM' : 3);
      assert.equal(result.stderr, '');
      assert.deepEqual(namesOf(receiver), ['bad', 'child of broken']);
    });

  test('a slow trace is kept whole; status() counts what was kept, dropped and is held', async () => {
    const { result, receiver } = await run(
      `const slow = start('slow'); start('child', slow).end(); await sleep(60); slow.end();
       start('fast').end();
       const open = start('open'); start('held', open).end();
       console.log(JSON.stringify(telemetry.status().tail));`,
      { DUOTEL_TAIL_SAMPLING: 'slow:50ms' },
    );
    assert.deepEqual(namesOf(receiver), ['child', 'slow']);
    assert.deepEqual(JSON.parse(result.stdout), {
      keptSpans: 2,
      droppedSpans: 1,
      heldSpans: 1,
      earlyDecisions: { wait: 0, traces: 0, spans: 0, bytes: 0, flush: 0 },
    });
  });

  test('rules and rate limit of the environment hold under the preload', async () => {
    const { result, receiver } = await run(
      `for (let index = 0; index < 5; index++) { start('health').end(); start('work ' + index).end(); }`,
      { DUOTEL_SAMPLING_RULES: 'drop name=health', DUOTEL_SAMPLING_RATE_LIMIT: '2' },
    );
    assert.equal(result.stderr, '');
    assert.deepEqual(namesOf(receiver), ['work 0', 'work 1']);
  });

  test('rules know the path of a request, and tail sampling keeps the request that failed with all below it', async () => {
    const { result, receiver } = await run(
      `const http = require('node:http');
       const server = http.createServer((request, response) => {
         tracer.startSpan('work').end();
         response.statusCode = request.url === '/broken' ? 500 : 200;
         response.end();
       }).listen(0, '127.0.0.1', async () => {
         const api = require('@opentelemetry/core');
         const get = (path) => new Promise((resolve) => context.with(api.suppressTracing(ROOT_CONTEXT), () =>
           http.get({ port: server.address().port, path, agent: false }, (response) => response.resume().on('end', resolve))));
         for (const path of ['/health/live', '/broken', '/health/broken', '/fine']) await get(path);
         console.log(JSON.stringify(telemetry.status().tail));
         server.close();
       });`,
      { DUOTEL_SAMPLING_RULES: 'drop route=/health*', DUOTEL_TAIL_SAMPLING: 'errors' },
    );
    assert.equal(result.stderr, '');
    assert.deepEqual(namesOf(receiver), ['GET', 'work']);
    assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
    const { droppedSpans, heldSpans } = JSON.parse(result.stdout) as { droppedSpans: number; heldSpans: number };
    assert.deepEqual([droppedSpans, heldSpans], [2, 0]);
  });
});
