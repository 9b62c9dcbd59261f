import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { DeltaPreference, OtlpDestination } from '../../../src/config/config.ts';
import { OtlpMetricPush } from '../../../src/outputs/otlp-metrics.ts';
import type { DestinationOutput } from '../../../src/outputs/destination-output.ts';
import { decodeMetrics } from '../../../src/receiver/otlp-items.ts';
import type { ReceivedMetric } from '../../../src/receiver/received.ts';
import { assertBytesBalance, assertItemsBalance } from '../../support/ledger.ts';
import {
  destinationAt,
  type FaultServer,
  holding,
  startServer,
  startTcpServer,
  until,
} from '../delivery/fault-server.ts';
import { onlyOutput, tidy } from './output-support.ts';

function createMetrics(destination: OtlpDestination, temporality?: DeltaPreference) {
  const push = new OtlpMetricPush({ destinations: [{ ...destination, ...(temporality && { temporality }) }] });
  return {
    output: onlyOutput(push),
    push,
    pushSeries: async (series?: number) => push.push(await makeSnapshot(series), temporality),
  };
}

/** With a counter that has as many series; its unit is their number. */
async function makeSnapshot(series = 1): Promise<ResourceMetrics> {
  class ManualReader extends MetricReader {
    protected override onForceFlush = (): Promise<void> => Promise.resolve();
    protected override onShutdown = (): Promise<void> => Promise.resolve();
  }
  const reader = new ManualReader({ cardinalitySelector: () => 1e6 });
  const counter = new MeterProvider({ readers: [reader] })
    .getMeter('test')
    .createCounter('orders', { unit: `${series}` });
  for (let index = 0; index < series; index += 1) counter.add(3, { index });
  return (await reader.collect()).resourceMetrics;
}

function metricsOf({ body }: { readonly body: Buffer }): ReceivedMetric[] {
  const decoded = decodeMetrics(body, 'protobuf');
  assert.ok(decoded.ok);
  return decoded.value;
}

const pointsOf = (requests: readonly { readonly body: Buffer }[]): ReceivedMetric['points'][number][] =>
  requests.flatMap((request) => metricsOf(request).flatMap(({ points }) => points));

test('a metric snapshot arrives without a flush', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, pushSeries } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    await pushSeries();
    await until(() => output.stats().sentItems === 1, 'sent');
  });
});

test('a newer cumulative snapshot replaces one that waits; deltas never do', async (t) => {
  const server = await startTcpServer(() => undefined);
  const cumulative = createMetrics(destinationAt(server.url));
  const delta = createMetrics(destinationAt(server.url), 'delta');
  t.after(() => delta.output.close());
  tidy(t, cumulative.output, server);
  for (let round = 0; round < 4; round += 1) {
    await cumulative.pushSeries();
    await delta.pushSeries();
  }
  // One is under way and one waits.
  const { madeItems, queuedItems, droppedItems } = cumulative.output.stats();
  assert.deepEqual([madeItems, queuedItems, droppedItems.superseded], [4, 2, 2]);
  assert.equal(delta.output.stats().queuedItems, 4);
});

/** So many that a snapshot takes several requests, and several slices. */
const MANY = 100_000;

test('a newer snapshot replaces the rest of an older one that is half sent', async (t) => {
  let answerFirst = (): void => undefined;
  const server = await startServer((_, response) => {
    if (server.requests.length > 1) response.end();
    else answerFirst = () => response.end();
  });
  const { output, pushSeries } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    await pushSeries(MANY);
    await until(() => server.requests.length === 1, 'the first request');
    await pushSeries(2);
    answerFirst();
    await until(() => output.stats().queuedItems === 0, 'sent');
  });
  const sentFirst = pointsOf(server.requests.slice(0, 1)).length;
  assert.ok(sentFirst > 0 && sentFirst < MANY);
  const stats = output.stats();
  assertItemsBalance(stats);
  assertBytesBalance(stats);
  assert.equal(stats.droppedItems.superseded, MANY - sentFirst);
  assert.deepEqual(
    server.requests.map((request) => metricsOf(request).map(({ unit }) => unit)),
    [[`${MANY}`], ['2']],
  );
});

test('snapshots leave in the order in which they were pushed, however long it takes to encode them', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, push } = createMetrics(destinationAt(server.url), 'delta');
  tidy(t, output, server);
  await holding(async () => {
    const [large, small] = [await makeSnapshot(30_000), await makeSnapshot(1)];
    await Promise.all([push.push(large, 'delta'), push.push(small, 'delta')]);
    await until(() => output.stats().sentItems === 30_001, 'sent');
  });
  assert.deepEqual(
    server.requests.map((request) => metricsOf(request)[0]?.unit),
    ['30000', '1'],
  );
});

test('a request that is too large is divided within a metric until it fits', async (t) => {
  const limit = 20_000;
  const server = await startServer((_, response) => {
    const { body } = server.requests.at(-1) as (typeof server.requests)[number];
    response.writeHead(body.length > limit ? 413 : 200).end();
  });
  const { output, pushSeries } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    await pushSeries(3000);
    await until(() => output.stats().queuedItems === 0, 'settled');
  });
  assert.equal(output.stats().sentItems, 3000);
  const accepted = pointsOf(server.requests.filter(({ body }) => body.length <= limit));
  assert.deepEqual(new Set(accepted.map(({ attributes }) => attributes['index'])).size, 3000);
});

test('the event loop runs while a snapshot is encoded; delivery that ends meanwhile counts it as closed', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, push } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    const snapshot = await makeSnapshot(MANY);
    const pushed = push.push(snapshot);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(output.stats().madeItems, 0);
    output.close();
    await pushed;
    const stats = output.stats();
    assertItemsBalance(stats);
    assert.deepEqual([stats.madeItems, stats.droppedItems.closed], [MANY, MANY]);
  });
});

test('at the exit the totals of that moment go out, and nothing older beside them', async (t) => {
  const server = await startServer(() => undefined);
  const { output, push, pushSeries } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    await pushSeries(5);
    await until(() => server.requests.length === 1, 'a request under way');
    await pushSeries(6);
    push.queue(await makeSnapshot(7));
    const requests = output.takeForExit();
    assert.deepEqual(
      requests.map(({ body }) => metricsOf({ body: Buffer.from(body) }).map(({ unit }) => unit)),
      [['7']],
    );
    for (const request of requests) request.settle('sent');
    const stats = output.stats();
    assertItemsBalance(stats);
    assert.deepEqual([stats.sentItems, stats.droppedItems.superseded, stats.queuedItems], [7, 11, 0]);
  });
});

const REFUSAL = 'otlp parse error: invalid temporality and type combination for metric "orders"';

/** Refuses the first request in these words. */
function startRefusing(words: string): Promise<FaultServer> {
  let isFirst = true;
  return startServer((_, response) => {
    response.writeHead(isFirst ? 400 : 200, { 'content-type': 'text/plain' }).end(isFirst ? words : '');
    isFirst = false;
  });
}

test('T31 after a 400 that names the temporality a destination gets totals for good, at once, with one line', async (t) => {
  const server = await startRefusing(REFUSAL);
  const destination = { ...destinationAt(server.url), temporality: 'delta' as const };
  const totals = await makeSnapshot();
  const push = new OtlpMetricPush({ destinations: [destination], totals: () => totals });
  const output = onlyOutput(push);
  const lines = tidy(t, output, server);
  await holding(async () => {
    for (let delta = 0; delta < 3; delta += 1) await push.push(totals, 'delta');
    await until(() => output.stats().sentItems === 1, 'sent');
    await push.push(totals, 'delta');
    await push.push(totals);
    await until(() => output.stats().sentItems === 2, 'sent again');
  });
  assert.equal(server.requests.length, 3);
  assert.deepEqual([push.takes('delta'), push.takes('cumulative'), push.deltas], [false, true, ['delta']]);
  const { madeItems, queuedItems, droppedItems, state } = output.stats();
  assert.deepEqual([madeItems, queuedItems, droppedItems.superseded, state], [5, 0, 3, 'healthy']);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^DUOTEL_CONFIG_CONFLICT .* does not take deltas: 400 Bad Request: otlp parse error/);
});

test('a 400 for another reason, or by one that takes no totals, switches nothing', async (t) => {
  for (const words of [
    'unexpected EOF',
    'unsupported aggregation temporality: cumulative is not supported, use delta',
  ]) {
    const server = await startRefusing(words);
    const { output, pushSeries } = createMetrics(destinationAt(server.url), 'delta');
    tidy(t, output, server);
    await holding(async () => {
      await pushSeries();
      await until(() => output.stats().droppedItems.rejected === 1, 'rejected');
      await pushSeries();
      await until(() => output.stats().sentItems === 1, 'sent');
    });
  }
});

test('several destinations get the snapshots of their temporality each', async (t) => {
  const server = await startServer((_, response) => response.end());
  const at = destinationAt(server.url);
  const push = new OtlpMetricPush({
    destinations: [
      at,
      { ...at, temporality: 'delta' },
      { ...at, temporality: 'lowmemory' },
      { ...at, temporality: 'delta' },
    ],
  });
  tidy(t, push.outputs[0] as DestinationOutput, server);
  t.after(() => push.outputs.forEach((output) => output.close()));
  assert.deepEqual(push.deltas, ['delta', 'lowmemory']);
  const snapshot = await makeSnapshot();
  await holding(async () => {
    await push.push(snapshot);
    for (let round = 0; round < 2; round += 1) await push.push(snapshot, 'delta');
    await until(() => push.outputs.every((output) => !output.isPending), 'sent');
  });
  assert.deepEqual(
    push.outputs.map((output) => output.stats().madeItems),
    [1, 2, 0, 2],
  );
});
