/**
 * What `SERIES` histogram series cost while nobody records them: bytes each, and the time a snapshot of them holds the
 * event loop, for the keeper named by `KEEPER`. Run with `--expose-gc`.
 *
 * Our store is imported from its source: a snapshot is no part of the public interface.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
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
  return { meter, collect: () => Promise.all(readers.map((reader) => reader.collect())) };
}

async function duotel() {
  const { MetricStore } = await import('../../src/metrics/store.ts');
  const { createRoutedProvider } = await import('../../src/metrics/routed-meter.ts');
  const limits = { seriesPerInstrument: NO_LIMIT, totalSeries: NO_LIMIT, firstValues: new Map() };
  const store = new MetricStore({ resource: undefined, limits });
  const judge = () => ({ storage: 'store' });
  const provider = createRoutedProvider({ store, sdk: new MeterProvider(), mirrors: [], judge });
  return { meter: provider.getMeter('bench'), collect: () => store.collect(), now: () => store.snapshotNow() };
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

const { meter, collect, now } = await keepers[process.env.KEEPER]();
const histogram = meter.createHistogram('bench.duration', { advice: { explicitBucketBoundaries: BOUNDARIES } });
histogram.record(1);
await collect();
const before = heapBytes();
for (let index = 0; index < SERIES; index++) histogram.record((index % 1000) / 500, attributesOf(index));
await collect();
await collect();
await pause();
const bytesPerSeries = (heapBytes() - before) / SERIES;

const blocks = [];
const totals = [];
for (let round = 0; round < SNAPSHOTS; round++) {
  await pause();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause();
  const from = performance.now();
  await collect();
  totals.push(performance.now() - from);
  await pause();
  delay.disable();
  blocks.push(delay.max / 1e6);
}
const from = performance.now();
now?.();
report({ bytesPerSeries, blocks, totals, ...(now && { nowMillis: performance.now() - from }) });
