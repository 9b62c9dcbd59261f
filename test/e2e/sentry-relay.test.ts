/** Events and transactions pass Sentry's own normaliser without a remark. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { skipWithout } from '../support/backends.ts';
import { runApp } from '../support/run-app.ts';
import { eventsOf, transactionsOf } from '../support/sentry-events.ts';
import { checkWithRelay } from '../support/sentry-relay.ts';

const skip = skipWithout('python');

/** Requests that end well and badly, with spans below them of every kind of work there are words for. */
const PROGRAM = `
  const http = require('node:http');
  const { trace, context, SpanKind, ROOT_CONTEXT } = require('@opentelemetry/api');
  const { captureError } = require('duotel');
  const { suppressTracing } = require('@opentelemetry/core');
  const tracer = trace.getTracer('app');
  const span = (name, kind, attributes) => tracer.startSpan(name, { kind, attributes });
  const server = http.createServer((request, response) => {
    span('SELECT users', SpanKind.CLIENT, { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM users WHERE id = ?' }).end();
    span('orders send', SpanKind.PRODUCER, { 'messaging.system': 'kafka', 'messaging.operation.type': 'send' }).end();
    span('chat model', SpanKind.CLIENT, { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 12 }).end();
    span('odd', SpanKind.INTERNAL, { list: ['a', 'b'], numbers: [1, 2], yes: true, big: 2 ** 53, unlike: Infinity, text: 'x'.repeat(5000), password: 'p4ssw0rd-of-mine' })
      .addEvent('rows', { 'sentry.measurement_value': 3, 'sentry.measurement_unit': 'none' }).end();
    trace.getActiveSpan().addEvent('rows', { 'sentry.measurement_value': 3, 'sentry.measurement_unit': 'none' });
    const failing = span('failing', SpanKind.CLIENT, { 'rpc.system': 'grpc', 'rpc.grpc.status_code': 14 });
    failing.setStatus({ code: 2 }).end();
    if (request.url.startsWith('/broken')) {
      captureError(new TypeError('cannot do that', { cause: new Error('for a reason') }));
      response.statusCode = 500;
    }
    response.end();
  }).listen(0, '127.0.0.1', async () => {
    const get = (path) => new Promise((resolve) => context.with(suppressTracing(ROOT_CONTEXT), () =>
      http.get({ port: server.address().port, path, agent: false, headers: { 'sentry-trace': '${'1'.repeat(32)}-${'2'.repeat(16)}-1' } },
        (response) => response.resume().on('end', resolve))));
    for (const path of ['/fine?token=secret', '/broken', '/fine']) await get(path);
    span('job', SpanKind.INTERNAL, { 'faas.trigger': 'timer' }).end();
    server.close();
    setTimeout(() => { throw new RangeError('the end'); }, 10);
  });`;

test('every event and every transaction of a program', { skip }, async () => {
  const receiver = await startReceiver();
  try {
    await runApp({
      code: PROGRAM,
      type: 'cjs',
      env: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_METRIC_EXPORT_INTERVAL: '3600000',
        DUOTEL_RUNTIME_METRICS: 'off',
        ENABLE_PROMETHEUS_METRICS: 'false',
        SENTRY_DSN: receiver.dsn,
        // A busy machine gets the time it needs for what leaves in the crash.
        DUOTEL_SHUTDOWN_TIMEOUT: '10000',
        SENTRY_RELEASE: 'shop@1.2.3',
        SENTRY_TRACES_SAMPLE_RATE: '1',
        DUOTEL_SENTRY_TRACES: 'transactions',
      },
    });
    const [events, transactions] = [eventsOf(receiver), transactionsOf(receiver)];
    assert.deepEqual([events.length, transactions.length], [2, 4]);
    const items = [...events, ...transactions];
    for (const [index, finding] of checkWithRelay(items).entries())
      assert.deepEqual(finding, { errors: [], meta: null }, JSON.stringify(items[index], undefined, 1));
  } finally {
    await receiver.close();
  }
});

test('the check is one: what cannot be right is found', { skip }, () => {
  const [sound, wrong] = checkWithRelay([
    { event_id: 'a'.repeat(32), platform: 'node', level: 'error' },
    {
      event_id: 'a'.repeat(32),
      platform: 'node',
      level: 'fatalistic',
      contexts: { trace: { trace_id: 'short', span_id: 'x' } },
    },
  ]);
  assert.deepEqual(sound?.errors, []);
  assert.ok(wrong && wrong.errors.length > 0 && wrong.meta !== null);
});
