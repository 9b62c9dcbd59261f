/** Metric snapshots of any size, whole and in requests a Collector takes, on the loop and at the exit. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { assertBytesBalance, assertItemsBalance, type Delivery } from '../support/ledger.ts';
import { runApp } from '../support/run-app.ts';

const SERIES = 20_000;
const MAX_REQUEST_BYTES = 4 * 2 ** 20;

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = (more: Record<string, string> = {}) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  DUOTEL_METRICS_CARDINALITY_LIMIT: '100000',
  DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT: '100000',
  DUOTEL_SHUTDOWN_TIMEOUT: '15000',
  ...more,
});

const RECORD = `
  import { metrics } from '@opentelemetry/api';
  import { start } from 'duotel';
  const telemetry = start();
  const meter = metrics.getMeter('app');
  const counter = meter.createCounter('orders');
  const histogram = meter.createHistogram('duration', { unit: 's' });
  for (let index = 0; index < ${SERIES / 2}; index++) {
    counter.add(index, { 'a.rather.long.key.of.an.attribute': 'with a rather long value ' + index });
    histogram.record(index, { 'a.rather.long.key.of.an.attribute': 'with a rather long value ' + index });
  }`;

/** The points of the application's metrics. */
const pointsOf = (name: string) =>
  receiver.metrics.filter((metric) => metric.name === name).flatMap(({ points }) => points);

function assertComplete(): void {
  for (const name of ['orders', 'duration']) {
    const points = pointsOf(name);
    equal(points.length, SERIES / 2, name);
    const keys = new Set(points.map(({ attributes }) => JSON.stringify(attributes)));
    equal(keys.size, SERIES / 2, name);
  }
  const totals = pointsOf('orders').reduce((sum, { value = NaN }) => sum + value, 0);
  equal(totals, ((SERIES / 2) * (SERIES / 2 - 1)) / 2);
}

for (const protocol of ['http/protobuf', 'http/json']) {
  test(`20 000 series arrive completely, in several requests of ${protocol}, and the ledger holds`, async () => {
    const code = `${RECORD}
      const { ok } = await telemetry.shutdown();
      console.log(JSON.stringify({ ok, destinations: telemetry.status().destinations }));`;
    const more = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_COMPRESSION: 'none' };
    const { stdout, stderr } = await runApp({ code, env: env(more) });
    equal(stderr, '');
    assertComplete();
    const requests = receiver.requests.filter(({ signal }) => signal === 'metrics');
    ok(requests.length > 1, `${requests.length} requests`);
    for (const { body } of requests) ok(body.length <= MAX_REQUEST_BYTES, `${body.length} bytes`);
    const { ok: isFlushed, destinations } = JSON.parse(stdout) as { ok: boolean; destinations: Delivery[] };
    const metrics = destinations.find(({ signal }) => signal === 'metrics') as Delivery;
    assertItemsBalance(metrics);
    assertBytesBalance(metrics);
    deepEqual([isFlushed, metrics.madeItems, metrics.sentItems], [true, SERIES, SERIES]);
  });
}

test('20 000 series arrive completely at process.exit()', async () => {
  const { code, stderr } = await runApp({ code: `${RECORD}\nprocess.exit(3);`, env: env() });
  deepEqual([code, stderr], [3, '']);
  assertComplete();
});

test('a process that exits while a snapshot is encoded sends its totals all the same, once', async () => {
  const code = `${RECORD}
    void telemetry.forceFlush();
    setImmediate(() => setImmediate(() => process.exit(3)));`;
  const { code: exitCode, stderr } = await runApp({ code, env: env() });
  deepEqual([exitCode, stderr], [3, '']);
  assertComplete();
});

const TRACED = `
  import { metrics } from '@opentelemetry/api';
  import { start, withSpan } from 'duotel';
  start();
  const meter = metrics.getMeter('app');
  await withSpan('work', async () => {
    meter.createCounter('orders').add(2, { shop: 'a' });
    meter.createHistogram('duration').record(7);
  });
  meter.createCounter('untraced').add(1);`;

test('exemplars arrive with the ids of the span they were recorded in', async () => {
  const { code, stderr } = await runApp({ code: TRACED, env: env() });
  deepEqual([code, stderr], [0, '']);
  const [span] = receiver.spans;
  for (const [name, value] of [
    ['orders', 2],
    ['duration', 7],
  ] as const) {
    const exemplars = pointsOf(name).flatMap((point) => point.exemplars ?? []);
    deepEqual(
      exemplars.map(({ traceId, spanId, value: measured }) => [traceId, spanId, measured]),
      [[span?.traceId, span?.spanId, value]],
    );
    const nanos = exemplars[0]?.timeNanos ?? 0n;
    ok(nanos >= (span?.startNanos ?? 0n) - 5_000_000n && nanos <= (span?.endNanos ?? 0n) + 5_000_000n);
  }
  deepEqual(
    pointsOf('untraced').map(({ exemplars }) => exemplars),
    [[]],
  );
});

test('there are no exemplars with OTEL_METRICS_EXEMPLAR_FILTER=always_off, nor in spans that are not sampled', async () => {
  for (const name of ['OTEL_METRICS_EXEMPLAR_FILTER', 'OTEL_TRACES_SAMPLER']) {
    receiver.clear();
    const { stderr } = await runApp({ code: TRACED, env: env({ [name]: 'always_off' }) });
    equal(stderr, '');
    deepEqual(
      pointsOf('duration').map(({ exemplars }) => exemplars),
      [[]],
    );
  }
});
