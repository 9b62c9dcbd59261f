/**
 * Destinations that misbehave while a program runs: it does not notice, nothing is lost without need, and every item is
 * accounted for (T7, T8, T13–T16).
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Fault, type Receiver, startReceiver } from '../../src/testing.ts';
import { ENDPOINTS, type EndpointName } from '../support/fault-endpoints.ts';
import { runApp, startApp } from '../support/run-app.ts';
import { startServer } from '../unit/delivery/fault-server.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

/** What a destination of `status()` shows that these tests look at. */
interface Delivery {
  readonly signal: string;
  readonly madeItems: number;
  readonly sentItems: number;
  readonly queuedItems: number;
  readonly droppedItems: Readonly<Record<string, number>>;
}

const PREAMBLE = `
  const { trace, logs } = require('@opentelemetry/api');
  const telemetry = require('duotel').start();
  const span = () => trace.getTracer('faults').startSpan('work').end();
  const spans = (count) => { for (let item = 0; item < count; item++) span(); };
  const traces = () => telemetry.status().destinations.find(({ signal }) => signal === 'traces');
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  const sent = async () => { while (traces().queuedItems > 0 || traces().madeItems === 0) await sleep(10); };
  const problems = [];
  process.on('unhandledRejection', (cause) => problems.push('rejection ' + cause));
  process.on('uncaughtException', (cause) => problems.push('exception ' + cause));
  const say = (value) => console.log(JSON.stringify(value));`;

const envOf = (url: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_SERVICE_NAME: 'faults',
  OTEL_BSP_SCHEDULE_DELAY: '50',
});

/** Runs a program, the body of an async function, and reads the JSON it says. */
async function run(url: string, body: string, env: Readonly<Record<string, string>> = {}) {
  const code = `${PREAMBLE}\n(async () => { ${body} })();`;
  const result = await runApp({ code, type: 'cjs', env: { ...envOf(url), ...env }, timeoutMillis: 120_000 });
  assert.deepEqual([result.code, result.signal], [0, null], result.stderr);
  return { said: JSON.parse(result.stdout) as unknown, lines: result.stderr.split('\n').slice(0, -1) };
}

async function withReceiver(use: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver({ maxItems: 100_000 });
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
}

suite('faults', { concurrency: 2 }, () => {
  for (const name of [
    'refused',
    'blackhole',
    '503 Unavailable',
    'reset mid-body',
  ] as const satisfies readonly EndpointName[]) {
    test(`T7 shutdown() against ${name} resolves within its deadline`, async () => {
      const endpoint = await ENDPOINTS[name]();
      const { said } = await run(
        endpoint.url,
        `spans(5); const startedAt = performance.now();
         const { ok, traces } = await telemetry.shutdown({ timeoutMillis: 500 });
         say({ ok, traces, millis: performance.now() - startedAt, problems });`,
      );
      await endpoint.close();
      const { ok, traces, millis, problems } = said as { ok: boolean; traces: string; millis: number; problems: [] };
      assert.deepEqual([ok, traces !== 'flushed', problems], [false, true, []]);
      assert.ok(millis < 500 + 100 + 1000, `${millis} ms`);
    });
  }

  test('T8 under load and one fault after the other: no API call throws, nothing is unhandled, and it recovers each time', () =>
    withReceiver(async (receiver) => {
      const faults: Fault[] = [
        { reset: true },
        { resetMidBody: true },
        { hang: true },
        { drip: true },
        { status: 503 },
        { status: 413 },
        { status: 401 },
        { garbage: true },
      ];
      const app = startApp({
        code: `${PREAMBLE}
          let thrown = 0;
          const load = setInterval(() => { try { span(); logs.getLogger('faults').emit({ body: 'x' }); } catch { thrown++; } }, 5);
          process.once('SIGTERM', async () => {
            clearInterval(load);
            await telemetry.shutdown();
            say({ thrown, problems, traces: traces() });
          });
          console.log('ready');`,
        type: 'cjs',
        env: { ...envOf(receiver.url), OTEL_EXPORTER_OTLP_TIMEOUT: '200' },
        timeoutMillis: 60_000,
      });
      await app.line(/ready/);
      for (const fault of faults) {
        const before = receiver.requests.length;
        receiver.fault({ ...fault, times: 1, signal: 'traces' });
        await receiver.waitFor(() => receiver.requests.slice(before).filter(isStored).length >= 2);
      }
      app.child.kill('SIGTERM');
      const { code, stdout } = await app.ended;
      const { thrown, problems, traces } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
        thrown: number;
        problems: string[];
        traces: Delivery;
      };
      assert.deepEqual([code, thrown, problems, traces.queuedItems], [0, 0, [], 0]);
      assert.equal(traces.sentItems, receiver.spans.length);
      assertBalanced(traces);
    }));

  test('T13 no try before Retry-After is over, and everything arrives once', () =>
    withReceiver(async (receiver) => {
      const retryAfterSeconds = LONG ? 30 : 2;
      receiver.fault({ status: 429, retryAfterSeconds, times: 2, signal: 'traces' });
      await run(receiver.url, `spans(20); await sent(); say({});`);
      const times = receiver.requests.map(({ receivedMillis }) => receivedMillis);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      assert.equal(pauses.length, 2);
      // Clocks of timers and of dates are rounded apart.
      assert.ok(
        pauses.every((pause) => pause >= 1000 * retryAfterSeconds - 20),
        pauses.join(' ms, '),
      );
      assert.equal(receiver.spans.length, 20);
      assert.equal(new Set(receiver.spans.map(({ spanId }) => spanId)).size, 20);
    }));

  test('T14 a partial success is counted, and told once in the words of the server', () =>
    withReceiver(async (receiver) => {
      receiver.fault({ partialSuccess: { rejected: 7, message: 'seven are too old' } });
      const { said, lines } = await run(
        receiver.url,
        `spans(100); await telemetry.forceFlush(); const first = traces();
         spans(100); await telemetry.forceFlush(); say([first, traces()]);`,
      );
      const [first, second] = said as [Delivery, Delivery];
      assert.deepEqual([first.madeItems, first.sentItems, first.droppedItems['rejected']], [100, 93, 7]);
      assert.deepEqual([second.sentItems, second.droppedItems['rejected']], [186, 14]);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^DUOTEL_PARTIAL_SUCCESS .*rejected 7 items: seven are too old/);
    }));

  test('T15 50,000 spans in a second to a slow destination: each is sent, dropped or queued', () =>
    withReceiver(async (receiver) => {
      receiver.fault({ delayMillis: 50 });
      const { said } = await run(
        receiver.url,
        `for (let burst = 0; burst < 50; burst++) { spans(1000); await sleep(20); }
         const loaded = traces();
         await telemetry.shutdown({ timeoutMillis: 30_000 }); say([loaded, traces()]);`,
      );
      const [loaded, ended] = said as [Delivery, Delivery];
      assertBalanced(loaded);
      assertBalanced(ended);
      assert.deepEqual([ended.madeItems, ended.queuedItems], [50_000, 0]);
      assert.equal(receiver.spans.length, ended.sentItems);
      assert.equal(receiver.forgotten, 0);
    }));

  test('T16 401 is one line that names destination, status and credential, and never the token', async () => {
    const token = 'glc_c2VjcmV0LXRva2Vu';
    const server = await startServer((request, response) =>
      response.writeHead(401, { 'content-type': 'text/plain' }).end(`unknown: ${request.headers.authorization}`),
    );
    const url = server.url.replace('/v1/traces', '');
    const { lines } = await run(
      url,
      `for (let round = 0; round < 100; round++) { span(); await sleep(20); } await telemetry.shutdown(); say({});`,
      { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}` },
    );
    await server.close();
    assert.ok(server.requests.length > 1, 'there was more than one reason for a line');
    assert.equal(server.requests[0]?.headers.authorization, `Bearer ${token}`);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', /^DUOTEL_EXPORT_FAILED .*localhost.* 401 .*credential/);
    assert.ok(!lines.join('\n').includes(token));
  });
});

const isStored = ({ signal, stored }: Receiver['requests'][number]): boolean => signal === 'traces' && stored > 0;

function assertBalanced({ madeItems, sentItems, queuedItems, droppedItems }: Delivery): void {
  const dropped = Object.values(droppedItems).reduce((sum, items) => sum + items, 0);
  assert.equal(madeItems, sentItems + dropped + queuedItems);
  assert.ok(queuedItems >= 0);
}
