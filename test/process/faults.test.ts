/**
 * Destinations that answer wrongly, slowly or not at all: the program does not notice, nothing is lost without need, and
 * every item is accounted for (T7, T14–T16). Outages are in `outage.test.ts`, faults under load in
 * `faults-under-load.test.ts`.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../src/testing.ts';
import { getText } from '../support/backends.ts';
import { runProgram, startProgram } from '../support/delivery-program.ts';
import { ENDPOINTS, type EndpointName } from '../support/fault-endpoints.ts';
import { assertBytesBalance, assertItemsBalance, type Delivery, totalOf } from '../support/ledger.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { startServer } from '../unit/delivery/fault-server.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';

async function withReceiver(options: ReceiverOptions, use: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver({ maxItems: 100_000, ...options });
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
}

/** How often each span arrived; more than once is a duplicate. */
function uniqueSpans(receiver: Receiver): number {
  return new Set(receiver.spans.map(({ spanId }) => spanId)).size;
}

suite('faults', { concurrency: 2 }, () => {
  for (const name of [
    'refused',
    'blackhole',
    '503 Unavailable',
    'reset mid-body',
  ] as const satisfies readonly EndpointName[]) {
    test(`T7 shutdown() against ${name} resolves within its deadline, and the process ends at once`, async () => {
      const endpoint = await ENDPOINTS[name]();
      const program = startProgram(
        `spans(5); const startedAt = performance.now();
         const { ok, traces } = await telemetry.shutdown({ timeoutMillis: 500 });
         say({ ok, traces, millis: performance.now() - startedAt, problems });`,
        { url: endpoint.url },
      );
      const { ok, traces, millis, problems } = await program.next<Shutdown>();
      const shutAt = performance.now();
      await program.end();
      const lateMillis = performance.now() - shutAt;
      await endpoint.close();
      assert.deepEqual([ok, traces !== 'flushed', problems], [false, true, []]);
      assert.ok(millis < 500 + 100 + 1000, `${millis} ms`);
      assert.ok(lateMillis < 100 + 1000, `ended ${lateMillis} ms after the shutdown`);
    });
  }

  test('T14 a partial success is counted, and told once in the words of the server; the end tells the rest', () =>
    withReceiver({}, async (receiver) => {
      receiver.fault({ partialSuccess: { rejected: 7, message: 'seven are too old' } });
      const { said, lines } = await runProgram(
        `spans(100); await telemetry.forceFlush(); const first = traces();
         spans(100); await telemetry.forceFlush(); say([first, traces()]);`,
        { url: receiver.url, env: { OTEL_BSP_SCHEDULE_DELAY: '5000' } },
      );
      const [first, second] = said as [Delivery, Delivery];
      assert.deepEqual([first.madeItems, first.sentItems, first.droppedItems['rejected']], [100, 93, 7]);
      assert.deepEqual([second.sentItems, second.droppedItems['rejected']], [186, 14]);
      assert.equal(lines.length, 2);
      assert.match(lines[0] ?? '', /^DUOTEL_PARTIAL_SUCCESS .*rejected 7 items: seven are too old/);
      assert.match(lines[1] ?? '', /^DUOTEL_EXIT_LOSS 7 items .* 7 since the last line that counted them/);
    }));

  test('T15 50,000 spans in a second to a slow destination: each is sent or dropped, and the loop stays free', async () => {
    const delays: number[] = [];
    // A machine busy with something else is no fault of ours: up to three repetitions.
    for (let attempt = 0; attempt < 4 && (delays.at(-1) ?? Infinity) > 50; attempt++) {
      await withReceiver({}, async (receiver) => {
        receiver.fault({ delayMillis: 50 });
        const { said } = await runProgram(FIFTY_THOUSAND, { url: receiver.url });
        const { loaded, ended, delayMillis } = said as Burst;
        delays.push(delayMillis);
        assertItemsBalance(loaded);
        assertItemsBalance(ended);
        assert.deepEqual([ended.madeItems, ended.queuedItems], [50_000, 0]);
        assert.equal(ended.sentItems + totalOf(ended.droppedItems), 50_000);
        assert.equal(receiver.spans.length, ended.sentItems);
        assert.equal(uniqueSpans(receiver), ended.sentItems);
        assert.equal(receiver.forgotten, 0);
      });
    }
    assert.ok(Math.min(...delays) <= 50, `the event loop was late by ${delays.join(' and ')} ms`);
  });

  test('T15 what does not fit is dropped, and /metrics says how much and why', () =>
    withReceiver({}, async (receiver) => {
      receiver.fault({ delayMillis: 50 });
      const program = startProgram(
        `const stop = load(50_000, spans); await sleep(1000); stop(); await sent();
         const { host, port } = telemetry.status().scrape;
         say({ address: host + ':' + port, ended: traces() }); await told(); await telemetry.shutdown();`,
        { url: receiver.url, env: { OTEL_BSP_MAX_QUEUE_SIZE: '2048' } },
      );
      const { address, ended } = await program.next<{ address: string; ended: Delivery }>();
      const page = await getText(`http://${address}/metrics`);
      program.goOn();
      await program.end();
      assertItemsBalance(ended);
      assert.ok((ended.droppedItems['queue_full'] ?? 0) > 0, 'a queue of 2 048 items does not hold it all');
      assert.equal(receiver.spans.length, ended.sentItems);
      assert.deepEqual(exportedOn(page), {
        '': ended.sentItems,
        ...Object.fromEntries(Object.entries(ended.droppedItems).filter(([, items]) => items > 0)),
      });
    }));

  test('T16 401 is one line while the program runs that names destination, status and credential, and never the token', async () => {
    const token = 'glc_c2VjcmV0LXRva2Vu';
    const server = await startServer((request, response) =>
      response.writeHead(401, { 'content-type': 'text/plain' }).end(`unknown: ${request.headers.authorization}`),
    );
    const { lines } = await runProgram(
      `const stop = load(50, spans); await sleep(${LONG ? 70_000 : 3000}); stop(); say(traces()); await telemetry.shutdown();`,
      {
        url: server.url.replace('/v1/traces', ''),
        env: { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${token}` },
      },
    );
    await server.close();
    assert.ok(server.requests.length > 1, 'there was more than one reason for a line');
    assert.equal(server.requests[0]?.headers.authorization, `Bearer ${token}`);
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines[0] ?? '', /^DUOTEL_EXPORT_FAILED .*localhost.* 401 .*OTEL_EXPORTER_OTLP_HEADERS/);
    assert.match(lines[1] ?? '', /^DUOTEL_EXIT_LOSS /, 'the end tells what was lost since');
    assert.ok(!lines.join('\n').includes(token));
  });

  test('T16 the line for a 401 is there within 10 s of the first failure, while the program runs', () =>
    withReceiver({}, async (receiver) => {
      receiver.fault({ status: 401 });
      const program = startProgram(`span(); await told(); await telemetry.shutdown();`, { url: receiver.url });
      const failedAt = (await receiver.waitFor(() => receiver.requests[0]))?.receivedMillis ?? 0;
      await program.errorLine(/DUOTEL_EXPORT_FAILED .* 401 /);
      assert.ok(Date.now() - failedAt < 10_000);
      program.goOn();
      await program.end();
    }));

  test('a request that is too large is halved until it fits, and everything arrives once', () =>
    withReceiver({ maxBodyBytes: 20_000 }, async (receiver) => {
      const { said, lines } = await runProgram(
        `spans(500, 400); await sent(); await telemetry.shutdown(); say(traces());`,
        { url: receiver.url },
      );
      const ended = said as Delivery;
      assert.ok(receiver.requests.some(({ status }) => status === 413));
      assert.deepEqual([ended.sentItems, ended.queuedItems, totalOf(ended.droppedItems)], [500, 0, 0]);
      assert.deepEqual([receiver.spans.length, uniqueSpans(receiver)], [500, 500]);
      assertBytesBalance(ended);
      assert.deepEqual(lines, [], 'what mends itself is no line');
    }));

  test('an item that is too large by itself is dropped alone', () =>
    withReceiver({ maxBodyBytes: 20_000 }, async (receiver) => {
      const { said } = await runProgram(
        `spans(20); span(30_000); spans(20); await sent(); await telemetry.shutdown(); say(traces());`,
        { url: receiver.url },
      );
      const { sentItems, droppedItems } = said as Delivery;
      assert.deepEqual([sentItems, totalOf(droppedItems), receiver.spans.length], [40, 1, 40]);
    }));
});

interface Shutdown {
  readonly ok: boolean;
  readonly traces: string;
  readonly millis: number;
  readonly problems: readonly string[];
}

interface Burst {
  readonly loaded: Delivery;
  readonly ended: Delivery;
  readonly delayMillis: number;
}

const FIFTY_THOUSAND = `
  const delay = monitorEventLoopDelay({ resolution: 5 }); delay.enable();
  let made = 0;
  const stop = load(50_000, (due) => { const count = Math.min(due, 50_000 - made); made += count; spans(count); });
  while (made < 50_000) await sleep(5);
  stop(); const loaded = traces();
  await sent(); delay.disable();
  await telemetry.shutdown({ timeoutMillis: 10_000 });
  say({ loaded, ended: traces(), delayMillis: delay.max / 1e6 });`;

/** Spans that left by the self-metrics, by `error.type`; `''` are those that were accepted. */
function exportedOn(page: string): Record<string, number> {
  const family = parsePrometheus(page).get('otel_sdk_exporter_span_exported_total');
  assert.ok(family, 'otel.sdk.exporter.span.exported is on the page');
  const exported: Record<string, number> = {};
  for (const { labels, value } of family.samples) {
    const reason = labels['error_type'] ?? '';
    exported[reason] = (exported[reason] ?? 0) + value;
  }
  return exported;
}
