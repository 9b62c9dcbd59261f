/**
 * What `SERIES` histogram series cost while nobody records them: bytes each, and the time a snapshot of them holds the
 * event loop, alone and with its encoding for a push, for the keeper named by `KEEPER`. Run with `--expose-gc`.
 *
 * Our store is imported from its source: a snapshot is no part of the public interface.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { report } from './report.mjs';

const SERIES = Number(process.env.SERIES ?? 2000);
const SNAPSHOTS = Number(process.env.SNAPSHOTS ?? 12);
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** More than the 100 000 series of the budget. */
const NO_LIMIT = 1_000_000;

class IdleReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const keepers = { sdk1: () => sdk(1), sdk2: () => sdk(2), duotel };

function sdk(count) {
  const readers = Array.from({ length: count }, () => new IdleReader({ cardinalitySelector: () => NO_LIMIT }));
  const meter = new MeterProvider({ readers }).getMeter('bench');
  const push = async () => ProtobufMetricsSerializer.serializeRequest((await readers[0].collect()).resourceMetrics);
  return { meter, collect: () => Promise.all(readers.map((reader) => reader.collect())), push };
}

async function duotel() {
  const { MetricStore } = await import('../../src/metrics/store.ts');
  const { createRoutedProvider } = await import('../../src/metrics/routed-meter.ts');
  const limits = { seriesPerInstrument: NO_LIMIT, totalSeries: NO_LIMIT, firstValues: new Map() };
  const store = new MetricStore({ resource: resourceFromAttributes({}), limits });
  const judge = () => ({ storage: 'store' });
  const provider = createRoutedProvider({ store, sdk: new MeterProvider(), mirrors: [], judge });
  const push = await createPush();
  return {
    meter: provider.getMeter('bench'),
    collect: () => store.collect(),
    now: () => store.snapshotNow(),
    push: async () => push((await store.collect()).resourceMetrics),
  };
}

/** Everything up to the bodies of the requests, which are made one at a time as a sender does it. */
async function createPush() {
  const { SnapshotStream } = await import('../../src/outputs/snapshot-stream.ts');
  const { createAccount } = await import('../../src/delivery/account.ts');
  const output = { protocol: 'http/protobuf', isClosed: false, account: createAccount('metrics', 'http://host') };
  const stream = new SnapshotStream([output], () => true);
  return async (snapshot) => {
    await stream.append(snapshot, () => true);
    const [queue] = stream.queues;
    const room = { items: Infinity, bytes: 4 * 2 ** 20 };
    for (let parcel = queue.take(room); parcel !== undefined; parcel = queue.take(room)) {
      parcel.body();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

const attributesOf = (index) => ({
  'http.request.method': index & 1 ? 'GET' : 'POST',
  'url.scheme': 'http',
  'network.protocol.version': '1.1',
  'http.response.status_code': index % 7 ? 200 : 500,
  'http.route': `/api/v1/resource${index}/:id`,
});

function heapBytes() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 30));

const { meter, collect, now, push } = await keepers[process.env.KEEPER]();
const histogram = meter.createHistogram('bench.duration', { advice: { explicitBucketBoundaries: BOUNDARIES } });
histogram.record(1);
await collect();
const before = heapBytes();
for (let index = 0; index < SERIES; index++) histogram.record((index % 1000) / 500, attributesOf(index));
await collect();
await collect();
await pause();
const bytesPerSeries = (heapBytes() - before) / SERIES;

/** How long work takes, and the longest time it holds the event loop, for each of several runs. */
async function watch(work) {
  const blocks = [];
  const totals = [];
  for (let round = 0; round < SNAPSHOTS; round++) {
    await pause();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await pause();
    const from = performance.now();
    await work();
    totals.push(performance.now() - from);
    await pause();
    delay.disable();
    blocks.push(delay.max / 1e6);
  }
  return { blocks, totals };
}

const { blocks, totals } = await watch(collect);
const from = performance.now();
now?.();
const nowMillis = performance.now() - from;
const pushes = await watch(push);
report({
  bytesPerSeries,
  blocks,
  totals,
  ...(now && { nowMillis }),
  pushBlocks: pushes.blocks,
  pushTotals: pushes.totals,
});
