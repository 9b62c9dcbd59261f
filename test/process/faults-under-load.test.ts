/**
 * Fourteen faults while a program works: no API call throws, nothing is unhandled, every item is accounted for (T8).
 *
 * A process has a different fault at each of its three signals at once. The long run shows every fault to every signal
 * for 30 s; the normal run shows every fault to one of them for 2 s.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Fault, startReceiver } from '../../src/testing.ts';
import { startProgram } from '../support/delivery-program.ts';
import { ENDPOINTS, type EndpointName } from '../support/fault-endpoints.ts';
import { assertItemsBalance, type Delivery } from '../support/ledger.ts';

const LONG = process.env['DUOTEL_TEST_LONG'] === '1';
const FAULT_MILLIS = LONG ? 30_000 : 2000;

const FAULTS = (Object.keys(ENDPOINTS) as EndpointName[]).filter((name) => name !== 'ok');
const SIGNALS = ['traces', 'logs', 'metrics'] as const;

/** The faults that meet in one process, in the order of {@link SIGNALS}. */
function meetings(): EndpointName[][] {
  const at = (index: number): EndpointName => FAULTS[index % FAULTS.length] as EndpointName;
  if (LONG) return FAULTS.map((_, index) => [at(index), at(index + 5), at(index + 9)]);
  const starts = Array.from({ length: Math.ceil(FAULTS.length / 3) }, (_, index) => 3 * index);
  return starts.map((start) => [at(start), at(start + 1), at(start + 2)]);
}

/** Calls of every kind, each of which would be counted if it threw. */
const LOAD = `
  let thrown = 0, calls = 0;
  const meter = metrics.getMeter('load');
  const counter = meter.createCounter('orders'), histogram = meter.createHistogram('size', { unit: 'By' });
  meter.createObservableGauge('depth').addCallback((result) => result.observe(calls));
  const attempt = (work) => { calls++; try { work(); } catch (cause) { thrown++; problems.push('thrown ' + cause?.stack); } };
  const work = (count) => { for (let item = 0; item < count; item++) {
    attempt(() => tracer.startActiveSpan('order', { attributes: { item, tags: ['a', 'b'] } }, (active) => {
      attempt(() => active.addEvent('priced', { sum: 12.5 }));
      attempt(() => active.recordException(new Error('out of stock')));
      attempt(() => log({ item, text: 'ordered' }));
      attempt(() => counter.add(1, { kind: 'book' }));
      attempt(() => histogram.record(item));
      attempt(() => active.end());
    }));
  } };`;

interface Ended {
  readonly calls: number;
  readonly thrown: number;
  readonly problems: readonly string[];
  readonly running: readonly Delivery[];
  readonly ended: readonly Delivery[];
}

function assertUnnoticed({ calls, thrown, problems, running, ended }: Ended): void {
  assert.ok(calls > 0);
  assert.deepEqual([thrown, problems], [0, []]);
  for (const delivery of [...running, ...ended]) assertItemsBalance(delivery);
  const queued = Object.fromEntries(ended.map(({ signal, queuedItems }) => [signal, queuedItems]));
  assert.deepEqual(queued, { traces: 0, logs: 0, metrics: 0 });
}

suite('T8 under load nothing throws and nothing is unhandled', { concurrency: 2 }, () => {
  for (const meeting of meetings()) {
    test(meeting.map((name, index) => `${SIGNALS[index]} → ${name}`).join(', '), async () => {
      const endpoints = await Promise.all(meeting.map((name) => ENDPOINTS[name]()));
      const addresses = endpoints.map(({ url }, index) => {
        const signal = SIGNALS[index] ?? '';
        return [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`, `${url}/v1/${signal}`];
      });
      const program = startProgram(
        `${LOAD} const stop = load(${LONG ? 1000 : 500}, work); await sleep(${FAULT_MILLIS}); stop();
         const running = telemetry.status().destinations;
         await telemetry.shutdown({ timeoutMillis: 500 });
         await sleep(50);
         say({ calls, thrown, problems, running, ended: telemetry.status().destinations });`,
        {
          env: {
            ...Object.fromEntries(addresses),
            OTEL_EXPORTER_OTLP_TIMEOUT: '400',
            OTEL_METRIC_EXPORT_INTERVAL: '200',
            OTEL_METRIC_EXPORT_TIMEOUT: '200',
          },
        },
      );
      const { said } = await program.end();
      await Promise.all(endpoints.map(({ close }) => close()));
      assertUnnoticed(said[0] as Ended);
    });
  }

  test('one fault after the other at one destination, which recovers from each', async () => {
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
    const receiver = await startReceiver({ maxItems: 100_000 });
    const program = startProgram(
      `${LOAD} const stop = load(200, work); await told(); stop();
       const running = telemetry.status().destinations;
       await telemetry.shutdown({ timeoutMillis: 5000 });
       say({ calls, thrown, problems, running, ended: telemetry.status().destinations });`,
      { url: receiver.url, env: { OTEL_EXPORTER_OTLP_TIMEOUT: '200' } },
    );
    for (const fault of faults) {
      const before = receiver.requests.length;
      receiver.fault({ ...fault, times: 1, signal: 'traces' });
      await receiver.waitFor(
        () =>
          receiver.requests.slice(before).filter(({ signal, stored }) => signal === 'traces' && stored > 0).length >= 2,
      );
    }
    program.goOn();
    const { said } = await program.end();
    await receiver.close();
    const ended = said[0] as Ended;
    assertUnnoticed(ended);
    assert.equal(ended.ended.find(({ signal }) => signal === 'traces')?.sentItems, receiver.spans.length);
  });
});
