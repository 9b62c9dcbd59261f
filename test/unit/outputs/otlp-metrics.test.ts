import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OtlpDestination, TemporalityPreference } from '../../../src/config/config.ts';
import { OtlpMetricPush } from '../../../src/outputs/otlp.ts';
import { destinationAt, holding, startServer, startTcpServer, until } from '../delivery/fault-server.ts';
import { onlyOutput, tidy } from './output-support.ts';

function createMetrics(destination: OtlpDestination, temporality?: TemporalityPreference) {
  const push = new OtlpMetricPush({ destinations: [destination] }, temporality);
  return { output: onlyOutput(push), push: async () => push.push(await makeSnapshot()) };
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
