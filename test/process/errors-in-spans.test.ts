/**
 * Uncaught errors that are thrown straight inside an active span: it is left before the process hears of them, and yet
 * they are linked to it.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';
import { eventsOf, idsOf } from '../support/sentry-events.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

/** `fail(span)` says which span it is in, and throws. */
const BODIES: Readonly<Record<string, string>> = {
  'at the top': `tracer.startActiveSpan('work', fail);`,
  'inside of another span': `tracer.startActiveSpan('outer', () => tracer.startActiveSpan('work', fail));`,
  'in withSpan()': `duotel.withSpan('work', fail);`,
  'in a span that is ended on the way out': `tracer.startActiveSpan('work', (span) => { try { fail(span); } finally { span.end(); } });`,
  'in a timer': `setTimeout(() => tracer.startActiveSpan('work', fail), 1);`,
  'in a microtask': `queueMicrotask(() => tracer.startActiveSpan('work', fail));`,
  'in an async function': `tracer.startActiveSpan('work', async (span) => { await null; fail(span); });`,
  'in a bound function': `const span = tracer.startSpan('work');
    setTimeout(api.context.bind(api.trace.setSpan(api.context.active(), span), () => fail(span)), 1);`,
  'as a text': `tracer.startActiveSpan('work', (span) => { say(span); throw 'broken'; });`,
  'after another one was caught': `try { tracer.startActiveSpan('other', () => { throw new Error('caught'); }); } catch {}
    tracer.startActiveSpan('work', fail);`,
  'in a request': `const http = require('node:http');
    const server = http.createServer(() => tracer.startActiveSpan('work', fail)).listen(0, '127.0.0.1', () => {
      http.get({ port: server.address().port, agent: false }).on('error', () => undefined);
    });`,
};

const REQUIRE: Readonly<Record<'mjs' | 'cjs', string>> = {
  mjs: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
  cjs: '',
};

for (const type of ['mjs', 'cjs'] as const) {
  suite(`an uncaught error in an active span, ${type}`, () => {
    for (const [where, body] of Object.entries(BODIES)) {
      test(`${where}: log record and event are in that span`, async () => {
        const code = `${REQUIRE[type]}
          const api = require('@opentelemetry/api');
          const duotel = require('duotel');
          const tracer = api.trace.getTracer('app');
          const say = (span) => console.log(span.spanContext().traceId, span.spanContext().spanId);
          const fail = (span) => { say(span); throw new Error('broken'); };
          ${body}`;
        const env = {
          OTEL_SERVICE_NAME: 'app',
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          SENTRY_DSN: receiver.dsn,
          OTEL_METRICS_EXPORTER: 'none',
          // On a machine that runs all tests at once a thread may take longer to start than an exit may take.
          DUOTEL_SHUTDOWN_TIMEOUT: '3000',
        };
        const { code: exitCode, stdout, stderr } = await runApp({ code, type, env });
        assert.equal(exitCode, 1, stderr);
        const [traceId, spanId] = stdout.trim().split(' ');
        assert.deepEqual(eventsOf(receiver).map(idsOf), [{ traceId, spanId }]);
        assert.deepEqual(
          receiver.logs.map((log) => [log.traceId, log.spanId]),
          [[traceId, spanId]],
        );
      });
    }
  });
}

test('Node.js shows the line that threw, not one of ours', async () => {
  const code = `const { trace } = require('@opentelemetry/api');
    trace.getTracer('app').startActiveSpan('work', () => { throw new Error('broken'); });`;
  const { stderr } = await runApp({
    code,
    type: 'cjs',
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  });
  assert.match(stderr, /^\S+app\.cjs:2\n.*throw new Error\('broken'\)/);
});
