/**
 * Parts the user hands to `start()`: those that work do as with the official SDK (T44), those that fail fail alone (T10).
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { type AppResult, runApp } from '../support/run-app.ts';

const SPANS = 1000;

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver({ maxItems: 100_000 });
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

/** Runs a program that starts telemetry itself; `body` is the inside of an async function. */
async function run(options: string, body: string, env: Readonly<Record<string, string>> = {}): Promise<AppResult> {
  return runApp({
    type: 'cjs',
    nodeArgs: [],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'parts', ...env },
    code: `
      const { trace, logs, metrics, propagation, context, ROOT_CONTEXT } = require('@opentelemetry/api');
      const sdk = require('@opentelemetry/sdk-trace'); const sdkLogs = require('@opentelemetry/sdk-logs');
      const { B3Propagator } = require('@opentelemetry/propagator-b3');
      const boom = () => { throw new Error('boom'); };
      const never = () => new Promise(() => {});
      process.on('unhandledRejection', (cause) => console.log('rejection', cause));
      const telemetry = require('duotel').start({ ${options} });
      const tracer = trace.getTracer('parts');
      (async () => { ${body} })();`,
  });
}

const lines = ({ stderr }: AppResult): string[] => stderr.split('\n').filter((line) => line !== '');

suite('T10 parts that fail', () => {
  const work = `
    const logger = logs.getLogger('parts'); const counter = metrics.getMeter('parts').createCounter('work');
    for (let index = 0; index < ${SPANS}; index++) {
      const span = tracer.startSpan('work');
      context.with(trace.setSpan(context.active(), span), () => { const carrier = {}; propagation.inject(context.active(), carrier); propagation.extract(ROOT_CONTEXT, carrier); propagation.fields(); });
      logger.emit({ body: 'work' }); counter.add(1, { key: 'value' });
      span.end();
    }
    console.log('done');`;
  const env = { OTEL_BSP_SCHEDULE_DELAY: '100' };

  test('every part throws in every call: the destination and Sentry get everything, the program notices nothing', async () => {
    const result = await run(
      `spanProcessors: [{ onStart: boom, onEnding: boom, onEnd: boom, forceFlush: boom, shutdown: boom },
          new sdk.SimpleSpanProcessor({ exporter: { export: boom, forceFlush: boom, shutdown: boom } }),
          new sdk.BatchSpanProcessor({ exporter: { export: boom, forceFlush: boom, shutdown: boom }, maxQueueSize: 2000, exportTimeoutMillis: 500 })],
       logRecordProcessors: [{ onEmit: boom, enabled: boom, forceFlush: boom, shutdown: boom }],
       sampler: { shouldSample: boom, toString: boom },
       propagator: { inject: boom, extract: boom, fields: boom },
       metricReaders: [{ setMetricProducer() {}, selectAggregation: boom, selectAggregationTemporality: boom, selectCardinalityLimit: boom, collect: boom, forceFlush: boom, shutdown: boom }],
       views: [{ instrumentName: 'work', attributesProcessors: [{ process: boom }] }]`,
      `${work} await telemetry.shutdown(); process.exitCode = telemetry.status().degraded['spanProcessors[0]'].count >= 3000 ? 0 : 9;`,
      { ...env, SENTRY_DSN: receiver.dsn, SENTRY_TRACES_SAMPLE_RATE: '1' },
    );
    assert.deepEqual([result.code, result.signal, result.stdout], [0, null, 'done\n'], result.stderr);
    assert.deepEqual([receiver.spans.length, receiver.logs.length, receiver.sentrySpans.length], [SPANS, SPANS, SPANS]);
    const work1000 = receiver.metrics.findLast(({ name }) => name === 'work');
    assert.deepEqual([work1000?.points[0]?.value, work1000?.points[0]?.attributes], [SPANS, {}]);
    const told = lines(result).map((line) => /^(\S+) Option (\S+) failed/.exec(line)?.[2] ?? line);
    for (const name of [
      'spanProcessors[0]',
      'logRecordProcessors[0]',
      'sampler',
      'propagator',
      'views[0]',
      'metricReaders[0]',
    ])
      assert.equal(told.filter((each) => each === name).length, 1, result.stderr);
  });

  test('hooks that reject or never settle delay nobody, neither at a flush nor at the natural end', async () => {
    const startedAt = performance.now();
    const result = await run(
      `spanProcessors: [{ onStart: async () => boom(), onEnd: never, forceFlush: never, shutdown: never }],
       logRecordProcessors: [{ onEmit: async () => boom(), forceFlush: never, shutdown: never }],
       sampler: { shouldSample: never }`,
      `${work} console.log((await telemetry.forceFlush({ timeoutMillis: 800 })).traces);`,
      env,
    );
    assert.deepEqual([result.code, result.stdout], [0, 'done\nlate\n'], result.stderr);
    assert.deepEqual([receiver.spans.length, receiver.logs.length], [SPANS, SPANS]);
    // The SDK's own flush would hold the process for its limit of 30 s.
    assert.ok(performance.now() - startedAt < 15_000);
  });

  test('what is no part at all is left out with a line each, and telemetry runs', async () => {
    const result = await run(
      `spanProcessors: [null, {}], logRecordProcessors: 'all', sampler: 0.5, propagator: [], metricReaders: {}, views: [1]`,
      `tracer.startSpan('one').end(); await telemetry.shutdown();`,
    );
    assert.deepEqual([result.code, receiver.spans.length], [0, 1], result.stderr);
    assert.equal(
      lines(result).filter((line) => line.startsWith('DUOTEL_CONFIG_INVALID Option ')).length,
      7,
      result.stderr,
    );
  });
});

suite('T44 parts that work', () => {
  test('official processors and exporters, beside ours', async () => {
    const { code, stdout, stderr } = await run(
      `spanProcessors: [new sdk.SimpleSpanProcessor({ exporter: globalThis.memory = new sdk.InMemorySpanExporter() }),
          new sdk.BatchSpanProcessor({ exporter: globalThis.batched = new sdk.InMemorySpanExporter() }),
          new sdk.SimpleSpanProcessor({ exporter: new sdk.ConsoleSpanExporter() })],
       logRecordProcessors: [new sdkLogs.SimpleLogRecordProcessor({ exporter: globalThis.records = new sdkLogs.InMemoryLogRecordExporter() })]`,
      `const span = tracer.startSpan('work', { attributes: { a: 1 } }); span.setAttribute('b', 2); span.end();
       logs.getLogger('parts').emit({ body: 'said' });
       await telemetry.forceFlush();
       console.log(JSON.stringify([memory, batched].map((each) => each.getFinishedSpans().map(({ name, attributes }) => [name, attributes]))));
       console.log(JSON.stringify(records.getFinishedLogRecords().map(({ body }) => body)));
       await telemetry.shutdown();`,
    );
    assert.deepEqual([code, stderr], [0, '']);
    const expected = JSON.stringify([[['work', { a: 1, b: 2 }]], [['work', { a: 1, b: 2 }]]]);
    assert.ok(stdout.includes(expected) && stdout.includes('["said"]') && stdout.includes("name: 'work'"), stdout);
    assert.deepEqual([receiver.spans.length, receiver.logs.length], [1, 1]);
  });

  test('official samplers', async () => {
    const arrived = async (sampler: string): Promise<number> => {
      receiver.clear();
      const { code, stderr } = await run(
        `sampler: ${sampler}`,
        `for (let index = 0; index < 200; index++) tracer.startSpan('root').end(); await telemetry.shutdown();`,
      );
      assert.deepEqual([code, stderr], [0, '']);
      return receiver.spans.length;
    };
    assert.equal(await arrived('new sdk.AlwaysOffSampler()'), 0);
    assert.equal(await arrived('new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() })'), 200);
    const half = await arrived('new sdk.TraceIdRatioBasedSampler(0.5)');
    assert.ok(half > 50 && half < 150, `${half}`);
  });

  test('a B3 propagator, and one of each kind written by hand', async () => {
    const { code, stdout, stderr } = await run(
      `propagator: new B3Propagator(),
       spanProcessors: [{ onStart: (span, parent) => span.setAttribute('started', parent === ROOT_CONTEXT), onEnding: (span) => span.setAttribute('ending', true), onEnd() {}, forceFlush: async () => console.log('flushed'), shutdown: async () => console.log('closed') }],
       logRecordProcessors: [{ enabled: () => true, onEmit: (record) => record.setAttribute('seen', true), forceFlush: async () => {}, shutdown: async () => {} }],
       sampler: { shouldSample: (_context, _id, name) => ({ decision: name === 'no' ? 0 : 2, attributes: { sampled: 'by hand' } }), toString: () => 'hand' }`,
      `const span = tracer.startSpan('yes', {}, ROOT_CONTEXT); const carrier = {};
       propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
       console.log(Object.keys(carrier).join(), trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier)).traceId === span.spanContext().traceId);
       span.end(); tracer.startSpan('no').end(); logs.getLogger('parts').emit({ body: 'said' });
       await telemetry.forceFlush(); await telemetry.shutdown();`,
    );
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^b3 true\nflushed\n(flushed\n)?closed\n$/);
    assert.deepEqual(
      receiver.spans.map(({ name, attributes }) => [name, attributes]),
      [['yes', { sampled: 'by hand', started: true, ending: true }]],
    );
    assert.deepEqual(receiver.logs[0]?.attributes, { seen: true });
  });
});
