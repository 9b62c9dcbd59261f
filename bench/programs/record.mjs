/**
 * Nanoseconds per histogram record with five attributes, for the recorder named by `RECORDER`; in a fresh object at each
 * record, or, with `OBJECTS=same`, in objects made before.
 *
 * One recorder per process, so that none pays for the shapes another has shown to the compiler.
 */
import { report } from './report.mjs';

const BATCH = 50_000;
const WARM_UP_BATCHES = 8;
const BATCHES = Number(process.env.BATCHES ?? 40);
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const METHODS = ['GET', 'POST'];
const STATUSES = [200, 201, 404];
const ROUTES = ['/a', '/b/:id', '/c/:id/d', '/e'];

const makeAttributes = (index) => ({
  'http.request.method': METHODS[index & 1],
  'url.scheme': 'http',
  'network.protocol.version': '1.1',
  'http.response.status_code': STATUSES[index % 3],
  'http.route': ROUTES[index & 3],
});
const made = Array.from({ length: 24 }, (_, index) => makeAttributes(index));
const attributesOf = process.env.OBJECTS === 'same' ? (index) => made[index % 24] : makeAttributes;
const advice = { explicitBucketBoundaries: BOUNDARIES };

const recorders = {
  /** The loop itself: the object is made and handed to a function that keeps it alive. */
  empty: () => {
    let last;
    return (index, value) => {
      last = attributesOf(index);
      return last === value;
    };
  },
  sdk1: () => sdk(1),
  sdk2: () => sdk(2),
  'prom-client': promClient,
  duotel,
};

async function sdk(readers) {
  const { MeterProvider, MetricReader } = await import('@opentelemetry/sdk-metrics');
  class IdleReader extends MetricReader {
    async onForceFlush() {}
    async onShutdown() {}
  }
  const provider = new MeterProvider({ readers: Array.from({ length: readers }, () => new IdleReader()) });
  const histogram = provider.getMeter('bench').createHistogram('bench.duration', { unit: 's', advice });
  return (index, value) => histogram.record(value, attributesOf(index));
}

async function promClient() {
  const { default: client } = await import('prom-client');
  const histogram = new client.Histogram({
    name: 'bench_duration_seconds',
    help: 'bench',
    labelNames: ['method', 'scheme', 'version', 'status', 'route'],
    buckets: BOUNDARIES,
    registers: [new client.Registry()],
  });
  const makeLabels = (index) => ({
    method: METHODS[index & 1],
    scheme: 'http',
    version: '1.1',
    status: STATUSES[index % 3],
    route: ROUTES[index & 3],
  });
  const labels = Array.from({ length: 24 }, (_, index) => makeLabels(index));
  if (process.env.OBJECTS === 'same') return (index, value) => histogram.observe(labels[index % 24], value);
  return (index, value) => histogram.observe(makeLabels(index), value);
}

/** Through the API globals, as applications record: the guarded way, with every output on. */
async function duotel() {
  const { start } = await import('duotel');
  start();
  const { metrics } = await import('@opentelemetry/api');
  const histogram = metrics.getMeter('bench').createHistogram('bench.duration', { unit: 's', advice });
  return (index, value) => histogram.record(value, attributesOf(index));
}

// The kernel counts CPU time in steps of some milliseconds; the wall clock is finer, and preempted batches fall to the
// lower quartile.
const record = await recorders[process.env.RECORDER]();
const nanosPerRecord = [];
for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
  const from = performance.now();
  for (let index = 0; index < BATCH; index++) record(index, (index % 1000) / 500);
  if (batch >= WARM_UP_BATCHES) nanosPerRecord.push(((performance.now() - from) * 1e6) / BATCH);
}
report({ nanosPerRecord });
