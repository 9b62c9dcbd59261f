/**
 * A destination that is gone for a while: what the program pays meanwhile, when it is noticed that it is back, and what
 * became of every item (T11–T13; BUDGETS §4).
 *
 * The long run has outages of 60 s and ordinary spans. The normal run has 8 s, and spans so large that they fill the
 * queue in that time.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { freePort } from '../support/backends.ts';
import { type Program, runProgram, startProgram } from '../support/delivery-program.ts';
import { ENDPOINTS } from '../support/fault-endpoints.ts';
import { assertBytesBalance, assertItemsBalance, type Delivery, totalOf } from '../support/ledger.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
const OUTAGE_MILLIS = LONG ? 60_000 : 8000;
const SIGNALS = 3;
/** 10 in 60 s. In 8 s: the request under way, then after 1, 2 and 4 s ± 20 %, and one for good measure. */
const MOST_ATTEMPTS = SIGNALS * (LONG ? 10 : 5);
const MEBIBYTE = 2 ** 20;

/** What the program is like at one moment. */
interface Sample {
  readonly rss: number;
  /** Connections tried so far. */
  readonly attempts: number;
  readonly destinations: readonly Delivery[];
}

/** Spans at a rate, some log records and metrics; a sample each time it is told to go on, the last after the load. */
const programOf = (perSecond: number, bytes: number, port: number): string => `
  let attempts = 0;
  require('node:diagnostics_channel').subscribe('net.client.socket', ({ socket }) =>
    socket.on('connectionAttempt', (_address, to) => { if (to === ${port}) attempts++; }));
  const counter = metrics.getMeter('outage').createCounter('orders');
  const ends = [load(${perSecond}, (count) => spans(count, ${bytes})), load(20, (count) => { for (; count > 0; count--) { log(); counter.add(1); } })];
  const sample = () => say({ rss: settledRss(), attempts, destinations: telemetry.status().destinations });
  say('ready');
  for (let moment = 0; moment < 4; moment++) { await told(); sample(); }
  for (const end of ends) end();
  await telemetry.shutdown({ timeoutMillis: 15_000 });
  sample();`;

const start = (body: string, url: string, env: Readonly<Record<string, string>> = {}): Program =>
  startProgram(body, {
    url,
    env: { OTEL_METRIC_EXPORT_INTERVAL: '1000', OTEL_METRIC_EXPORT_TIMEOUT: '1000', ...env },
    nodeArgs: ['--expose-gc'],
    timeoutMillis: OUTAGE_MILLIS + 90_000,
  });

interface Outage {
  /** Before it, past two thirds of it, and at its end. */
  readonly before: Sample;
  readonly late: Sample;
  readonly last: Sample;
  /** After the shutdown. */
  readonly ended: Sample;
  /** The same program with telemetry disabled, at the same moments. */
  readonly control: readonly Sample[];
  /** From the return of the collector to the first spans there. */
  readonly recoveryMillis: number;
  readonly received: ReadonlySet<string>;
  readonly lines: readonly string[];
}

/** Runs a program through an outage of a collector that was there before and comes back. */
async function outage(perSecond: number, bytes: number): Promise<Outage> {
  const port = await freePort();
  let receiver = await startReceiver({ port, maxItems: 500_000, maxBytes: 256 * MEBIBYTE });
  const received = new Set<string>();
  const collect = ({ spans }: Receiver): void => spans.forEach(({ spanId }) => received.add(spanId));
  const body = programOf(perSecond, bytes, port);
  const both = [start(body, receiver.url), start(body, receiver.url, { OTEL_SDK_DISABLED: 'true' })] as const;
  const control: Sample[] = [];
  const sample = async (): Promise<Sample> => {
    for (const { goOn } of both) goOn();
    const [mine, theirs] = await Promise.all(both.map((program) => program.next<Sample>()));
    control.push(theirs as Sample);
    return mine as Sample;
  };
  try {
    await Promise.all(both.map((program) => program.next()));
    await receiver.waitFor({ spans: perSecond, logs: 1, metrics: 1 });
    const before = await sample();
    collect(receiver);
    await receiver.close();
    await sleep((OUTAGE_MILLIS * 2) / 3);
    const late = await sample();
    await sleep(OUTAGE_MILLIS / 3);
    const last = await sample();
    receiver = await startReceiver({ port, maxItems: 500_000, maxBytes: 256 * MEBIBYTE });
    const backAt = performance.now();
    await receiver.waitFor({ spans: 1 }, 40_000);
    const recoveryMillis = performance.now() - backAt;
    await receiver.waitFor(({ logs, metrics }) => logs.length > 0 && metrics.length > 0, 40_000);
    await sample();
    const ended = await both[0].next<Sample>();
    const { lines } = await both[0].end();
    await both[1].end();
    collect(receiver);
    return { before, late, last, ended, control, recoveryMillis, received, lines };
  } finally {
    await receiver.close();
    for (const { app } of both) app.child.kill('SIGKILL');
  }
}

const tracesOf = ({ destinations }: Sample): Delivery =>
  destinations.find(({ signal }) => signal === 'traces') ?? assert.fail('no destination for traces');

/** Bytes the program has grown by since the first sample, less what the control has. */
function grownBytes(run: Outage, moment: 'late' | 'last'): number {
  const { before, control } = run;
  const growthOfControl = (control[moment === 'late' ? 1 : 2]?.rss ?? 0) - (control[0]?.rss ?? 0);
  return run[moment].rss - before.rss - growthOfControl;
}

function assertAccounted({ before, late, last, ended, received }: Outage): void {
  for (const delivery of [before, late, last, ended].flatMap(({ destinations }) => destinations))
    assertItemsBalance(delivery);
  const { queuedItems, sentItems } = tracesOf(ended);
  assert.equal(queuedItems, 0);
  // What was taken but not acknowledged when the collector went away may have been given up later.
  assert.ok(received.size >= sentItems && received.size - sentItems <= 512, `${received.size} of ${sentItems} arrived`);
}

const LOST_MEANWHILE = /^DUOTEL_EXPORT_RECOVERED .*(?:Lost meanwhile: (\d+) items?|Nothing was lost)/;

suite('an outage', { concurrency: 2 }, () => {
  test(`T11, T12 of ${OUTAGE_MILLIS / 1000} s at 2,000 spans/s costs little, and ends with a line that says what was lost`, async () => {
    const run = await outage(2000, LONG ? 400 : 2000);
    assertAccounted(run);
    const growth = [grownBytes(run, 'late'), grownBytes(run, 'last')] as const;
    const told = growth.map((bytes) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`).join(', then ');
    assert.ok(Math.max(...growth) < 40 * MEBIBYTE, `over the control by ${told}`);
    assert.ok(growth[1] - growth[0] < 10 * MEBIBYTE, `not flat: ${told}`);
    const attempts = run.last.attempts - run.before.attempts;
    assert.ok(attempts <= MOST_ATTEMPTS, `${attempts} connections were tried`);
    assert.ok(attempts >= SIGNALS, 'connections are counted');

    assert.ok(run.recoveryMillis < 15_000, `recovered after ${run.recoveryMillis} ms`);
    const recoveries = run.lines.filter((line) => LOST_MEANWHILE.test(line));
    assert.equal(recoveries.length, 1, run.lines.join('\n'));
    assert.ok(run.lines.length - recoveries.length <= 2, run.lines.join('\n'));
    const lost = Number(LOST_MEANWHILE.exec(recoveries[0] ?? '')?.[1] ?? 0);
    const atLast = totalOf(tracesOf(run.last).droppedItems);
    const atEnd = totalOf(tracesOf(run.ended).droppedItems);
    assert.ok(atLast > 0, 'the queue was full');
    assert.ok(atLast <= lost && lost <= atEnd, `${lost} told; lost were ${atLast}, in the end ${atEnd}`);
  });

  test(`of ${OUTAGE_MILLIS / 1000} s at 200 spans/s loses nothing`, async () => {
    const run = await outage(200, 200);
    assertAccounted(run);
    const { madeItems, sentItems, droppedItems } = tracesOf(run.ended);
    assert.deepEqual([sentItems, totalOf(droppedItems), run.received.size], [madeItems, 0, madeItems]);
    assert.ok(run.recoveryMillis < 15_000, `recovered after ${run.recoveryMillis} ms`);
  });

  test('the account holds in bytes too, and the log of spans stays within its 16 MiB', async () => {
    const endpoint = await ENDPOINTS.refused();
    const { said } = await runProgram(
      `const samples = [];
       for (let round = 0; round < 20; round++) { spans(1000, 2000); await sleep(20); samples.push(traces()); }
       await telemetry.shutdown({ timeoutMillis: 100 }); say([...samples, traces()]);`,
      { url: endpoint.url },
    );
    const samples = said as Delivery[];
    for (const sample of samples) assertBytesBalance(sample);
    const largest = Math.max(...samples.map(({ queuedBytes }) => queuedBytes));
    // Beside the log, one request may be under way.
    assert.ok(largest > 8 * MEBIBYTE && largest <= (16 + 4) * MEBIBYTE, `${largest} bytes waited`);
    assert.ok((samples.at(-2)?.droppedBytes['queue_full'] ?? 0) > 0);
  });

  test('T13 no try before Retry-After is over, and everything arrives once', async () => {
    const retryAfterSeconds = LONG ? 30 : 2;
    const receiver = await startReceiver();
    receiver.fault({ status: 429, retryAfterSeconds, times: 2, signal: 'traces' });
    const { said } = await runProgram(`spans(500); await sent(); say(traces());`, { url: receiver.url });
    await receiver.close();
    const tried = receiver.requests
      .filter(({ signal }) => signal === 'traces')
      .map(({ receivedMillis }) => receivedMillis);
    const [first = 0, second = 0, third = 0] = tried;
    // Clocks of timers and of dates are rounded apart.
    const leastMillis = 1000 * retryAfterSeconds - 20;
    assert.ok(
      second - first >= leastMillis && third - second >= leastMillis,
      tried.map((at) => at - first).join(' ms, '),
    );
    const { sentItems, droppedItems } = said as Delivery;
    assert.deepEqual([sentItems, totalOf(droppedItems)], [500, 0]);
    assert.deepEqual([receiver.spans.length, new Set(receiver.spans.map(({ spanId }) => spanId)).size], [500, 500]);
  });

  test('two signals that fail at destinations of their own do not delay the third', async () => {
    const [blackhole, refused, healthy] = [
      await ENDPOINTS.blackhole(),
      await ENDPOINTS.refused(),
      await startReceiver(),
    ];
    const { said } = await runProgram(
      `const counter = metrics.getMeter('m').createCounter('orders');
       const stop = load(100, (count) => { for (; count > 0; count--) { span(); counter.add(1); log({ at: Date.now() }); } });
       await sleep(3000); stop(); await sleep(200);
       say(telemetry.status().destinations); await telemetry.shutdown({ timeoutMillis: 100 });`,
      {
        env: {
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${blackhole.url}/v1/traces`,
          OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${refused.url}/v1/metrics`,
          OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${healthy.url}/v1/logs`,
          OTEL_METRIC_EXPORT_INTERVAL: '200',
          OTEL_METRIC_EXPORT_TIMEOUT: '200',
        },
      },
    );
    await Promise.all([blackhole.close(), healthy.close()]);
    const delivered = new Map((said as Delivery[]).map(({ signal, sentItems }) => [signal, sentItems]));
    assert.deepEqual([delivered.get('traces'), delivered.get('metrics')], [0, 0]);
    const ages = logAges(healthy);
    assert.ok(ages.length >= 290 && ages.length === delivered.get('logs'), `${ages.length} log records`);
    // 50 ms of schedule, and what a loaded machine needs; the blackhole holds a request for 10 s.
    assert.ok(Math.max(...ages) < 50 + 1500, `the oldest was ${Math.max(...ages)} ms old`);
  });
});

/** How old each log record was when it arrived, in milliseconds: requests hold them in order. */
function logAges({ logs, requests }: Receiver): number[] {
  const arrivals = requests.flatMap(({ stored, receivedMillis }) =>
    Array.from({ length: stored }, () => receivedMillis),
  );
  return logs.map(({ body }, index) => (arrivals[index] ?? 0) - (body as { at: number }).at);
}
