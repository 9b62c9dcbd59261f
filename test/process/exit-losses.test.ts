/**
 * Whatever was lost is told once before the process is gone, also if it was lost long before or moments ago.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Fault, startReceiver } from '../../src/testing.ts';
import { type AppResult, runApp } from '../support/run-app.ts';

const PREAMBLE = `
  const { trace, logs } = require('@opentelemetry/api');
  const { telemetry } = globalThis[Symbol.for('duotel.telemetry')];
  const span = () => trace.getTracer('losses').startSpan('work').end();
  const traces = () => telemetry.status().destinations.find(({ signal }) => signal === 'traces');
  const until = async (condition) => { while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1)); };\n`;

/** The ends of a program, each with the code or signal it has. */
const ENDS = {
  'process.exit()': { code: 'process.exit(3);', ended: [3, null] },
  'the natural end': { code: 'process.exitCode = 4;', ended: [4, null] },
  'shutdown()': { code: 'await telemetry.shutdown();', ended: [0, null] },
} as const;

/** A request of 10 is under way, 10 wait, 5 do not fit. */
const FULL = 'for (let item = 0; item < 25; item++) span();';
const QUEUE = { OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' };
const TOO_FAST =
  /^DUOTEL_EXPORT_FAILED traces not accepted [^\n]*: telemetry is made faster than it is taken\. Lost so far: 5 items\.[^\n]*\n(?:DUOTEL_EXPORT_RECOVERED [^\n]*: 5 items\.\n)?$/;

async function end(body: string, fault: Fault | undefined, env: Record<string, string>): Promise<AppResult> {
  const receiver = await startReceiver();
  if (fault !== undefined) receiver.fault(fault);
  try {
    return await runApp({
      code: `${PREAMBLE}(async () => { ${body} })();`,
      type: 'cjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'losses', ...env },
    });
  } finally {
    await receiver.close();
  }
}

suite('losses', { concurrency: 2 }, () => {
  for (const [name, { code, ended }] of Object.entries(ENDS)) {
    test(`${name} right after a rejection: one line, which counts it`, async () => {
      const result = await end(
        `span(); await until(() => traces().droppedItems.rejected === 1); ${code}`,
        { status: 400 },
        { OTEL_BSP_SCHEDULE_DELAY: '1' },
      );
      assert.deepEqual([result.code, result.signal], ended);
      assert.match(
        result.stderr,
        /^DUOTEL_EXPORT_FAILED traces not accepted [^\n]*400[^\n]*Lost so far: 1 item\.[^\n]*\n$/,
      );
    });

    test(`${name} after a full queue: one line, which counts what did not fit`, async () => {
      const result = await end(`${FULL} ${code}`, undefined, QUEUE);
      assert.deepEqual([result.code, result.signal], ended);
      assert.match(result.stderr, TOO_FAST);
    });
  }

  test('SIGTERM: what was lost before is told as well', async () => {
    const stay = `setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');`;
    const result = await end(`${FULL} ${stay}`, undefined, QUEUE);
    assert.deepEqual([result.code, result.signal], [null, 'SIGTERM']);
    assert.match(result.stderr, TOO_FAST);
  });

  test('losses before and at the end are one line', async () => {
    // No request may be that large.
    const huge = `trace.getTracer('losses').startSpan('x'.repeat(9 * 2 ** 20)).end();`;
    const result = await end(`${huge} span(); process.exit(3);`, { status: 400 }, {});
    assert.equal(result.code, 3);
    assert.match(
      result.stderr,
      /^DUOTEL_EXIT_LOSS 2 items of telemetry were lost before and at the end [^\n]*HTTP 400[^\n]*; 1 impossible to encode\.\n$/,
    );
  });

  test('process.exit() in the midst of a shutdown() still delivers', async () => {
    const receiver = await startReceiver();
    const result = await runApp({
      code: `${PREAMBLE} span(); logs.getLogger('losses').emit({ body: 'x' }); void telemetry.shutdown(); process.exit(3);`,
      type: 'cjs',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'losses' },
    });
    await receiver.close();
    assert.deepEqual([result.code, result.stderr, receiver.spans.length, receiver.logs.length], [3, '', 1, 1]);
  });
});
