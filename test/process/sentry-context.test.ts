/**
 * What all outputs say of the process, stacks of built files, and captures outside of a run.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';
import { sentryEnvironment } from '../support/sentry-environment.ts';
import { eventsOf, messageOf, WITH_SENTRY } from '../support/sentry-events.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = (more?: Readonly<Record<string, string>>) => sentryEnvironment(receiver, more);

type Attributes = Readonly<Record<string, unknown>>;
type Batch = { readonly items: readonly { readonly attributes: Record<string, { readonly value: unknown }> }[] };

/** Release and environment of everything that has left, in the words of OpenTelemetry or of Sentry. */
function identities(): ReadonlyMap<string, unknown> {
  const ofResource = (attributes: Attributes): unknown => [
    attributes['service.version'],
    attributes['deployment.environment.name'],
  ];
  const ofBatch = ([batch]: readonly unknown[]): unknown => {
    const { attributes } = (batch as Batch | undefined)?.items[0] ?? { attributes: {} };
    return [attributes['sentry.release']?.value, attributes['sentry.environment']?.value];
  };
  const ofItem = ([item]: readonly unknown[]): unknown => {
    const { release, environment } = item as { readonly release?: string; readonly environment?: string };
    return [release, environment];
  };
  const [span = assert.fail()] = receiver.spans;
  const [record = assert.fail()] = receiver.logs;
  const [metric = assert.fail()] = receiver.metrics;
  return new Map([
    ['spans', ofResource(span.resource)],
    ['log records', ofResource(record.resource)],
    ['metrics', ofResource(metric.resource)],
    ['event', ofItem(receiver.envelopeItems('event'))],
    ['transaction', ofItem(receiver.envelopeItems('transaction'))],
    ['check-in', ofItem(receiver.envelopeItems('check_in'))],
    ["Sentry's metrics", ofBatch(receiver.envelopeItems('trace_metric'))],
    ["Sentry's logs", ofBatch(receiver.envelopeItems('log'))],
  ]);
}

suite('context', () => {
  test('release and environment are the same on every output', async () => {
    const code = `
      import { captureError, withSpan } from 'duotel';
      import { checkIn, sentryLog, sentryMetrics } from 'duotel/sentry';
      withSpan('work', () => captureError(new Error('x')));
      sentryMetrics.count('n'); sentryLog('info', 'a line'); checkIn('nightly', 'ok');`;
    const more = { DUOTEL_SENTRY_TRACES: 'transactions', SENTRY_TRACES_SAMPLE_RATE: '1' };
    for (const [names, expected] of [
      [{ SENTRY_RELEASE: 'shop@7', SENTRY_ENVIRONMENT: 'staging' }, ['shop@7', 'staging']],
      [{ RELEASE: 'shop@8', ENV: 'qa' }, ['shop@8', 'qa']],
      [{}, ['1.2.3', 'production']],
    ] as const) {
      receiver.clear();
      await runApp({ code, env: env({ ...more, ...names }) });
      for (const [output, identity] of identities()) assert.deepEqual(identity, expected, output);
    }
  });

  test('events of an own Sentry have class, request and sampling of their request; nothing of Sentry goes out with it', async () => {
    const code = `
      const http = require('node:http'); const Sentry = require('@sentry/node');
      if (process.env.APP_DSN) Sentry.init({ dsn: process.env.APP_DSN });
      const listen = (handler) => new Promise((resolve) => {
        const server = http.createServer(handler).listen(0, '127.0.0.1', () => resolve(server));
      });
      const get = (server, headers = {}) => new Promise((resolve) => http.get(
        { host: '127.0.0.1', port: server.address().port, headers, agent: false },
        (response) => response.resume().on('end', resolve)));
      (async () => {
        const other = await listen((request, response) => {
          console.log(Object.keys(request.headers).filter((name) => /sentry|^traceparent$/.test(name)).join(),
            String(request.headers.baggage).includes('sentry'));
          response.end();
        });
        const server = await listen(async (request, response) => {
          Sentry.captureException(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
          await get(other);
          response.end();
        });
        await get(server, { 'x-request-id': 'r-17' });
        server.close(); other.close();
        await Sentry.flush(2000);
      })();`;
    for (const more of [{}, { APP_DSN: receiver.dsn, OTEL_TRACES_SAMPLER: 'always_off' }]) {
      receiver.clear();
      const { stdout, stderr } = await runApp({ code, type: 'cjs', packages: WITH_SENTRY, env: env(more) });
      assert.deepEqual([stdout, stderr], ['traceparent false\n', '']);
      const [event] = eventsOf(receiver);
      const { request_id, sampled, 'error.category': category } = event?.tags ?? {};
      assert.deepEqual([request_id, sampled, category], ['r-17', String(!('APP_DSN' in more)), 'network']);
    }
  });
});

suite('stacks of built files', () => {
  test('the debug id that a build tool has put into a file is in the event, and in the status', async () => {
    // As `sentry-cli sourcemaps inject` writes it.
    const snippet = `!function(){try{var e=globalThis,n=(new Error).stack;n&&(e._sentryDebugIds=e._sentryDebugIds||{},e._sentryDebugIds[n]="0f0e0d0c-0b0a-4908-8706-050403020100")}catch(e){}}();`;
    const code = `${snippet}
      const { captureError, start } = require('duotel');
      captureError(new Error('x'));
      console.log(JSON.stringify(start().status().sourceMaps));`;
    const { stdout } = await runApp({ code, type: 'cjs', env: env() });
    assert.deepEqual(JSON.parse(stdout), { enabled: false, debugIds: 1 });
    const [event] = eventsOf(receiver);
    const [image] = event?.debug_meta?.images ?? [];
    const frame = event?.exception?.values?.[0]?.stacktrace?.frames?.at(-1);
    assert.deepEqual(image, {
      type: 'sourcemap',
      code_file: frame?.filename,
      debug_id: '0f0e0d0c-0b0a-4908-8706-050403020100',
    });
  });
});

suite('captureError() outside of requests and runs', () => {
  test('before start() and after shutdown() it answers with the class and sends nothing; between, it sends', async () => {
    const code = `
      import { captureError, start } from 'duotel';
      const say = (error) => { const { outcome, errorClass, eventId } = captureError(error); console.log(outcome, errorClass, eventId !== undefined); };
      const early = Object.assign(new Error('early'), { code: 'ECONNREFUSED' });
      say(early);
      const telemetry = start();
      say(early);
      say(new Error('job'));
      await telemetry.shutdown();
      say(new Error('late'));`;
    const { code: exit, stdout, stderr } = await runApp({ code, nodeArgs: [], env: env() });
    assert.deepEqual([exit, stderr], [0, '']);
    assert.equal(stdout, 'off network false\ncaptured network true\ncaptured unknown true\noff unknown false\n');
    const events = eventsOf(receiver);
    assert.deepEqual(events.map(messageOf).toSorted(), ['early', 'job']);
    for (const { request, tags } of events) assert.deepEqual([request, tags?.['request_id']], [undefined, undefined]);
  });
});
