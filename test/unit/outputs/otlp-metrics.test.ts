import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OtlpDestination, DeltaPreference } from '../../../src/config/config.ts';
import { OtlpMetricPush } from '../../../src/outputs/otlp-metrics.ts';
import type { OtlpOutput } from '../../../src/outputs/otlp-output.ts';
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
  return { output: onlyOutput(push), push: async () => push.push(await makeSnapshot(), temporality) };
}

async function makeSnapshot(): Promise<ResourceMetrics> {
  class ManualReader extends MetricReader {
    protected override onForceFlush = (): Promise<void> => Promise.resolve();
    protected override onShutdown = (): Promise<void> => Promise.resolve();
  }
  const reader = new ManualReader();
  new MeterProvider({ readers: [reader] }).getMeter('test').createCounter('orders').add(3);
  return (await reader.collect()).resourceMetrics;
}

test('a metric snapshot arrives without a flush', async (t) => {
  const server = await startServer((_, response) => response.end());
  const { output, push } = createMetrics(destinationAt(server.url));
  tidy(t, output, server);
  await holding(async () => {
    await push();
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
    await cumulative.push();
    await delta.push();
  }
  // One is under way and one waits.
  const { madeItems, queuedItems, droppedItems } = cumulative.output.stats();
  assert.deepEqual([madeItems, queuedItems, droppedItems.superseded], [4, 2, 2]);
  assert.equal(delta.output.stats().queuedItems, 4);
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
    for (let delta = 0; delta < 3; delta += 1) push.push(totals, 'delta');
    await until(() => output.stats().sentItems === 1, 'sent');
    push.push(totals, 'delta');
    push.push(totals);
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
    const { output, push } = createMetrics(destinationAt(server.url), 'delta');
    tidy(t, output, server);
    await holding(async () => {
      await push();
      await until(() => output.stats().droppedItems.rejected === 1, 'rejected');
      await push();
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
  tidy(t, push.outputs[0] as OtlpOutput, server);
  t.after(() => push.outputs.forEach((output) => output.close()));
  assert.deepEqual(push.deltas, ['delta', 'lowmemory']);
  const snapshot = await makeSnapshot();
  await holding(async () => {
    push.push(snapshot);
    for (let round = 0; round < 2; round += 1) push.push(snapshot, 'delta');
    await until(() => push.outputs.every((output) => !output.isPending), 'sent');
  });
  assert.deepEqual(
    push.outputs.map((output) => output.stats().madeItems),
    [1, 2, 0, 2],
  );
});
