/**
 * Errors of programs without a Sentry of their own: what reaches Sentry, when, and that nobody could tell (T3, T32, T34).
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { refusedUrl, startTcpServer } from '../unit/delivery/fault-server.ts';
import { runApp, startApp } from '../support/run-app.ts';
import { sentryEnvironment } from '../support/sentry-environment.ts';
import { eventsOf, idsOf, messageOf } from '../support/sentry-events.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const QUIET = {
  OTEL_SERVICE_NAME: 'shop',
  OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  ENABLE_PROMETHEUS_METRICS: 'false',
};
const env = (more?: Readonly<Record<string, string>>) => sentryEnvironment(receiver, more);
const withoutFolder = (text: string): string => text.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>');

suite('crash', () => {
  const CRASH = `
    const { trace } = require('@opentelemetry/api');
    for (let each = 0; each < 2; each++) trace.getTracer('t').startSpan('before').end();
    trace.getTracer('t').startActiveSpan('work', (span) => {
      span.end();
      setTimeout(() => { throw new TypeError('no such order', { cause: new Error('db is gone') }); }, 5);
    });`;

  test('T3 an uncaught error is one event on the trace of its span; code and stack are those without telemetry', async () => {
    const control = await runApp({ code: CRASH, type: 'cjs', nodeArgs: ['--import', 'data:text/javascript,'] });
    const runs = LONG ? 50 : 6;
    for (let run = 0; run < runs; run++) {
      receiver.clear();
      const result = await runApp({ code: CRASH, type: 'cjs', env: env() });
      assert.equal(result.code, control.code);
      assert.equal(withoutFolder(result.stderr), withoutFolder(control.stderr));
      const [event, ...others] = eventsOf(receiver);
      assert.deepEqual(others, []);
      assert.equal(receiver.spans.length, 3);
      const work = receiver.spans.find(({ name }) => name === 'work');
      assert.deepEqual(idsOf(event ?? {}), { traceId: work?.traceId, spanId: work?.spanId });
      assert.equal(event?.level, 'fatal');
      const values = event?.exception?.values ?? [];
      assert.deepEqual(
        values.map(({ type, value }) => `${type}: ${value}`),
        ['Error: db is gone', 'TypeError: no such order'],
      );
      assert.equal(values[1]?.mechanism?.handled, false);
      assert.ok(values[1]?.stacktrace?.frames?.at(-1)?.in_app);
    }
  });

  for (const [name, code] of Object.entries({
    'an unhandled rejection': `Promise.reject(new Error('nobody cared'));`,
    'a thrown null': `setTimeout(() => { throw null; }, 1);`,
    'a frozen error': `setTimeout(() => { throw Object.freeze(new Error('cold')); }, 1);`,
    'an error that cannot be read': `setTimeout(() => { throw new Proxy(new Error('x'), { get() { throw new Error('trap'); } }); }, 1);`,
    'a host that exits by itself': `process.on('uncaughtException', () => process.exit(12)); setTimeout(() => { throw new Error('x'); }, 1);`,
    'a host that survives': `process.on('uncaughtException', () => {}); setTimeout(() => { throw new Error('x'); }, 1);`,
  })) {
    test(`${name}: one event, and the same code and stderr as without telemetry`, async () => {
      const control = await runApp({ code, type: 'cjs', nodeArgs: ['--import', 'data:text/javascript,'] });
      const result = await runApp({ code, type: 'cjs', env: env() });
      assert.deepEqual([result.code, withoutFolder(result.stderr)], [control.code, withoutFolder(control.stderr)]);
      assert.equal(eventsOf(receiver).length, 1);
    });
  }
});

suite('T34 Sentry that cannot be used', () => {
  const HANDLED = `
    import { captureError } from 'duotel';
    captureError(new Error('handled'));`;

  test('without the package errors arrive all the same, and nothing is said', async () => {
    const { stderr, code } = await runApp({ code: HANDLED, env: env() });
    assert.deepEqual([stderr, code], ['', 0]);
    assert.deepEqual(eventsOf(receiver).map(messageOf), ['handled']);
  });

  test('a bad DSN is one line; the other destinations work', async () => {
    const { stderr, code } = await runApp({ code: HANDLED, env: env({ SENTRY_DSN: 'https://sentry.example/1' }) });
    assert.match(stderr, /^DUOTEL_CONFIG_INVALID SENTRY_DSN \(value not shown\) .*\n$/);
    assert.equal(code, 0);
    assert.equal(receiver.logs.length, 1);
    assert.deepEqual(receiver.envelopes, []);
  });

  test('a host that refuses or hangs holds neither start nor end for long, and is told in one line', async () => {
    const hanging = await startTcpServer(() => undefined);
    try {
      const urls = { refused: new URL(await refusedUrl()).host, hanging: new URL(hanging.url).host };
      for (const [name, host] of Object.entries(urls)) {
        receiver.clear();
        const code = `
          import { captureError } from 'duotel';
          console.log(performance.now());
          captureError(new Error('handled'));`;
        const result = await runApp({ code, env: env({ SENTRY_DSN: `http://key@${host}/1` }) });
        assert.equal(result.code, 0);
        const lines = result.stderr.split('\n').filter((line) => line !== '');
        assert.ok(lines.length >= 1 && lines.length <= 2, `${name}: ${result.stderr}`);
        assert.ok(
          lines.every((line) => /^DUOTEL_(EXPORT_FAILED|EXIT_LOSS) /.test(line)),
          result.stderr,
        );
        assert.equal(receiver.logs.length, 1, name);
      }
    } finally {
      await hanging.close();
    }
  });

  test('without a DSN no module of Sentry is loaded, and with one none before the first error', async () => {
    const code = `
      const { captureError } = require('duotel');
      const loaded = () => Object.keys(require.cache).filter((file) => /sentry-(lite|application|log)/.test(file)).length;
      const before = loaded();
      captureError(new Error('handled'));
      console.log(JSON.stringify([before, loaded() > 0]));`;
    const without = await runApp({ code, type: 'cjs', env: { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    assert.deepEqual(JSON.parse(without.stdout), [0, false]);
    const withDsn = await runApp({ code, type: 'cjs', env: env() });
    assert.deepEqual(JSON.parse(withDsn.stdout), [0, true]);
  });
});

suite('T32 a server', () => {
  const SERVER = `
    import { createServer } from 'node:http';
    import { captureError, setRequestContext } from 'duotel';
    import { trace } from '@opentelemetry/api';
    const backend = createServer((request, response) => response.end(JSON.stringify(request.headers)));
    backend.listen(0, '127.0.0.1');
    const server = createServer(async (request, response) => {
      const { searchParams } = new URL(request.url, 'http://x');
      const n = Number(searchParams.get('n'));
      setRequestContext({ userId: 'user-' + n, tags: { property_id: 'p' + n } });
      const headers = await (await fetch('http://127.0.0.1:' + backend.address().port)).json();
      await new Promise((resolve) => setTimeout(resolve, n % 7));
      if (n % 5 === 0) captureError(new Error('order ' + n));
      response.end(JSON.stringify({ headers, ...trace.getActiveSpan().spanContext() }));
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

  test('100 requests with one call each: 20 events, each with trace, user, tags and address of its own request', async () => {
    const app = startApp({ code: SERVER, env: env({ DUOTEL_ERRORS_PER_MINUTE: '1000', DUOTEL_SENTRY_TRACES: 'off' }) });
    const [, port] = await app.line(/^(\d+)$/m);
    const ask = async (n: number) => {
      const answer = await fetch(`http://127.0.0.1:${port}/orders?n=${n}`);
      return (await answer.json()) as {
        readonly headers: Record<string, string>;
        readonly traceId: string;
        spanId: string;
      };
    };
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(n)));
    await receiver.waitFor({ envelopes: 20 });
    app.child.kill('SIGTERM');
    const { signal, stderr } = await app.ended;
    assert.deepEqual([signal, stderr], ['SIGTERM', '']);

    const events = eventsOf(receiver);
    assert.equal(events.length, 20);
    assert.equal(new Set(events.map(messageOf)).size, 20);
    for (const event of events) {
      const n = Number(messageOf(event).slice('order '.length));
      const { traceId, spanId } = answers[n] ?? {};
      assert.deepEqual(idsOf(event), { traceId, spanId });
      assert.equal(event.user?.id, `user-${n}`);
      assert.equal(event.tags?.['property_id'], `p${n}`);
      assert.equal(event.request?.query_string, `n=${n}`);
      assert.ok(event.request?.url?.endsWith('/orders'), event.request?.url);
      const logged = receiver.logs.find((log) => log.traceId === traceId);
      assert.equal(logged?.spanId, spanId, 'the log line has the same ids');
      assert.equal(logged?.attributes['request.id'], event.tags?.['request_id']);
    }
    assert.equal(new Set(receiver.spans.map((span) => span.traceId)).size, 100);
    for (const { headers } of answers)
      assert.deepEqual(
        Object.keys(headers).filter((name) => ['traceparent', 'sentry-trace', 'b3', 'baggage'].includes(name)),
        ['traceparent'],
      );
  });

  test('T10 processors and a sampler that throw at every call keep no event from Sentry', async () => {
    const code = `
      import { captureError, start } from 'duotel';
      import { trace } from '@opentelemetry/api';
      const fail = () => { throw new Error('broken part'); };
      const part = { onStart: fail, onEnd: fail, onEmit: fail, forceFlush: fail, shutdown: fail };
      start({
        spanProcessors: [part],
        logRecordProcessors: [part],
        sampler: { shouldSample: fail, toString: () => 'broken' },
      });
      for (let n = 0; n < 100; n++)
        trace.getTracer('t').startActiveSpan('work', (span) => { captureError(new Error('order ' + n)); span.end(); });`;
    const { code: exitCode } = await runApp({
      code,
      nodeArgs: [],
      env: env({ DUOTEL_ERRORS_PER_MINUTE: '1000', DUOTEL_SENTRY_TRACES: 'off' }),
    });
    assert.equal(exitCode, 0);
    assert.equal(receiver.spans.length, 100);
    assert.equal(new Set(eventsOf(receiver).map(messageOf)).size, 100);
  });

  test('limits that Sentry asks for are kept: nothing more of that kind is sent, and it is counted', async () => {
    receiver.fault({ signal: 'envelopes', headers: { 'x-sentry-rate-limits': '60:error:organization' }, times: 1 });
    const code = `
      import { captureError, start } from 'duotel';
      captureError(new Error('first'));
      await start().forceFlush();
      for (let each = 0; each < 3; each++) captureError(new Error('later ' + each));
      await start().forceFlush();
      console.log(JSON.stringify(start().status().destinations.find(({ signal }) => signal === 'sentry')));`;
    const { stdout, stderr } = await runApp({ code, env: env() });
    const { madeItems, sentItems, queuedItems, droppedItems } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([madeItems, sentItems, queuedItems], [4, 1, 0]);
    assert.equal((droppedItems as Record<string, number>)['rate_limited'], 3);
    assert.deepEqual(eventsOf(receiver).map(messageOf), ['first']);
    assert.match(stderr, /^DUOTEL_EXPORT_FAILED sentry not accepted by .*429.*\n$/);
  });
});
