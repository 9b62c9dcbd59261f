/**
 * Spans, measurements, logs and check-ins of a program on their way to Sentry, beside a collector that gets all spans.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { type AppResult, runApp } from '../support/run-app.ts';

const PREAMBLE = `
  const { trace, context, ROOT_CONTEXT } = require('@opentelemetry/api');
  const { telemetry } = globalThis[Symbol.for('duotel.telemetry')];
  const tracer = trace.getTracer('sentry');
  const start = (name, parent) => tracer.startSpan(name, {}, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));
  const failed = (span) => span.setStatus({ code: 2 });\n`;

async function run(body: string, env: Record<string, string> = {}): Promise<{ result: AppResult; receiver: Receiver }> {
  const receiver = await startReceiver({ maxItems: 100_000 });
  try {
    const result = await runApp({
      code: `${PREAMBLE}(async () => { ${body} })();`,
      type: 'cjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ENABLE_PROMETHEUS_METRICS: 'false',
        OTEL_SERVICE_NAME: 'sentry',
        OTEL_METRIC_EXPORT_INTERVAL: '3600000',
        DUOTEL_RUNTIME_METRICS: 'off',
        SENTRY_DSN: receiver.dsn,
        ...env,
      },
    });
    return { result, receiver };
  } finally {
    await receiver.close();
  }
}

const namesOf = (spans: Receiver['spans']): string[] => spans.map(({ name }) => name).toSorted();

/** A server that starts a span in each request, and one request with these headers. */
const serve = (headers: Record<string, string>): string => `
  const http = require('node:http');
  const server = http.createServer((request, response) => { tracer.startSpan('work').end(); response.end(); })
    .listen(0, '127.0.0.1', () => {
      const { suppressTracing } = require('@opentelemetry/core');
      context.with(suppressTracing(ROOT_CONTEXT), () => http.get(
        { port: server.address().port, agent: false, headers: ${JSON.stringify(headers)} },
        (response) => response.resume().on('end', () => server.close())));
    });`;

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

suite('spans at Sentry', { concurrency: 2 }, () => {
  test('T33: of 10,000 traces the collector has all, and Sentry a tenth, complete', async () => {
    const { result, receiver } = await run(
      `for (let index = 0; index < 10000; index++) {
         const root = start('root'); start('child', root).end(); root.end();
         if (index % 500 === 0) await telemetry.forceFlush();
       }
       console.log(JSON.stringify(telemetry.status().destinations));`,
      { SENTRY_TRACES_SAMPLE_RATE: '0.1' },
    );
    assert.equal(result.stderr, '');
    assert.equal(receiver.spans.length, 20_000);
    const traces = Map.groupBy(receiver.sentrySpans, ({ traceId }) => traceId);
    assert.ok(traces.size >= 850 && traces.size <= 1150, `${traces.size} traces`);
    for (const spans of traces.values()) assert.equal(spans.length, 2);
  });

  for (const [name, end] of [
    ['process.exit()', 'process.exit(0);'],
    ['the natural end', ''],
    ['shutdown()', 'await telemetry.shutdown();'],
  ] as const)
    test(`${name}: what failed is whole at Sentry, what did not is not there, and nobody waits for it`, async () => {
      const { result, receiver } = await run(
        `const [good, bad] = [start('good'), start('bad')];
         start('child of good', good).end();
         start('child of bad', bad).end();
         good.end(); failed(bad).end();
         start('child of open', start('open')).end();
         ${end}`,
        { SENTRY_TRACES_SAMPLE_RATE: '0.000000001' },
      );
      assert.deepEqual([result.code, result.stderr], [0, '']);
      assert.deepEqual(namesOf(receiver.sentrySpans), ['bad', 'child of bad']);
      assert.equal(receiver.spans.length, 5);
    });

  test('a share of 0 is none, and no connection to it; the collector keeps all', async () => {
    const { result, receiver } = await run(`failed(start('bad')).end();`, { SENTRY_TRACES_SAMPLE_RATE: '0' });
    assert.equal(result.stderr, '');
    assert.deepEqual([receiver.spans.length, receiver.sentrySpans.length, receiver.envelopes.length], [1, 0, 0]);
  });

  test('a caller that did not sample is obeyed, for every destination', async () => {
    const { receiver } = await run(serve({ traceparent: `00-${TRACE}-${SPAN}-00` }), {
      SENTRY_TRACES_SAMPLE_RATE: '1',
    });
    assert.deepEqual([receiver.spans.length, receiver.sentrySpans.length], [0, 0]);
  });

  test('a caller that left its trace to others by sentry-trace is obeyed by Sentry alone', async () => {
    const { receiver } = await run(serve({ 'sentry-trace': `${TRACE}-${SPAN}-0` }), { SENTRY_TRACES_SAMPLE_RATE: '1' });
    assert.deepEqual(namesOf(receiver.spans), ['GET', 'work']);
    assert.deepEqual([...new Set(receiver.spans.map(({ traceId }) => traceId))], [TRACE]);
    assert.equal(receiver.sentrySpans.length, 0);
  });

  test('a caller that sends its part to Sentry is continued there, whatever the share', async () => {
    const { receiver } = await run(serve({ 'sentry-trace': `${TRACE}-${SPAN}-1` }), {
      SENTRY_TRACES_SAMPLE_RATE: '0.000000001',
    });
    assert.deepEqual(namesOf(receiver.sentrySpans), ['GET', 'work']);
    assert.equal(receiver.sentrySpans.find(({ name }) => name === 'GET')?.parentSpanId, SPAN);
  });

  test('tail sampling comes first: what it drops is for nobody, what it keeps is still decided whole', async () => {
    const { receiver } = await run(
      `const [good, bad] = [start('good'), start('bad')];
       start('child of bad', bad).end(); start('child of good', good).end();
       failed(bad).end(); good.end();`,
      { SENTRY_TRACES_SAMPLE_RATE: '0.000000001', DUOTEL_TAIL_SAMPLING: 'errors' },
    );
    assert.deepEqual(namesOf(receiver.spans), ['bad', 'child of bad']);
    assert.deepEqual(namesOf(receiver.sentrySpans), ['bad', 'child of bad']);
  });

  test('transactions in place of OTLP, with the ids the collector has', async () => {
    const { result, receiver } = await run(`const root = start('root'); start('child', root).end(); root.end();`, {
      SENTRY_TRACES_SAMPLE_RATE: '1',
      DUOTEL_SENTRY_TRACES: 'transactions',
    });
    assert.equal(result.stderr, '');
    assert.equal(receiver.sentrySpans.length, 0);
    const [transaction] = receiver.envelopeItems('transaction') as {
      transaction: string;
      contexts: { trace: { trace_id: string; span_id: string } };
      spans: { span_id: string }[];
    }[];
    assert.ok(transaction);
    const { trace } = transaction.contexts;
    assert.deepEqual(
      [
        transaction.transaction,
        trace.trace_id,
        [trace.span_id, ...transaction.spans.map((span) => span.span_id)].toSorted(),
      ],
      ['root', receiver.spans[0]?.traceId, receiver.spans.map(({ spanId }) => spanId).toSorted()],
    );
  });
});

const FEED = `
  const { sentryMetrics, sentryLog, checkIn } = require('duotel/sentry');
  sentryMetrics.count('questions.generated', 2, { attributes: { provider: 'acme' } });
  sentryMetrics.distribution('generation.latency', 812, { unit: 'millisecond' });
  sentryMetrics.gauge('queue.size', 4);
  sentryLog('warn', 'direct', { part: 'a' });
  console.log(String(checkIn('nightly', 'ok', { durationMillis: 20 })));`;

suite('measurements, logs and check-ins', { concurrency: 2 }, () => {
  for (const [name, end] of [
    ['process.exit()', 'process.exit(0);'],
    ['the natural end', ''],
    ['forceFlush()', "await telemetry.forceFlush(); process.kill(process.pid, 'SIGKILL');"],
  ] as const)
    test(`${name} sends what waits`, async () => {
      const { result, receiver } = await run(`${FEED} ${end}`);
      assert.equal(result.stderr, '');
      assert.match(result.stdout.trim(), /^[0-9a-f]{32}$/);
      const [metrics] = receiver.envelopeItems('trace_metric') as { items: { name: string; value: number }[] }[];
      assert.deepEqual(
        metrics?.items.map((item) => [item.name, item.value]),
        [
          ['questions.generated', 2],
          ['generation.latency', 812],
          ['queue.size', 4],
        ],
      );
      const [written] = receiver.envelopeItems('log') as { items: { body: string; level: string }[] }[];
      assert.deepEqual(
        written?.items.map(({ body, level }) => [body, level]),
        [['direct', 'warn']],
      );
      assert.equal(receiver.envelopeItems('check_in').length, 1);
    });

  test('log records from the level on are sent too', async () => {
    const { receiver } = await run(
      `const { logs } = require('@opentelemetry/api');
       const logger = logs.getLogger('app');
       logger.emit({ severityNumber: 9, body: 'info' }); logger.emit({ severityNumber: 17, body: 'error' });`,
      { DUOTEL_SENTRY_LOGS: 'warn' },
    );
    const [written] = receiver.envelopeItems('log') as { items: { body: string }[] }[];
    assert.deepEqual(
      written?.items.map(({ body }) => body),
      ['error'],
    );
    assert.equal(receiver.logs.length, 2);
  });

  test('without a DSN nothing is sent, loaded or returned', async () => {
    const { result, receiver } = await run(
      `${FEED} console.log(Object.keys(require.cache).filter((file) => /dist.sentry-(feed|items|spans|envelope)/.test(file)).length);`,
      { SENTRY_DSN: '' },
    );
    assert.deepEqual([result.stdout.trim().split('\n'), result.stderr], [['undefined', '0'], '']);
    assert.equal(receiver.envelopes.length, 0);
  });
});
