/**
 * What an ended span costs, by number of attributes: CPU, allocation, and the longest block of the loop while 512 of
 * them leave, for the set-up named by `PIPELINE`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, trace } from '@opentelemetry/api';
import { report } from './report.mjs';

const REQUEST = 512;
const WARM_UP_REQUESTS = 40;
const REQUESTS = Number(process.env.REQUESTS ?? 200);

/** Each gives a function that sends what has ended. */
const pipelines = {
  /** Spans made and ended, and nothing done with them. */
  async none() {
    const { TracerProvider } = await import('@opentelemetry/sdk-trace');
    trace.setGlobalTracerProvider(new TracerProvider());
    return async () => undefined;
  },
  async upstream() {
    const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace');
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    const exporter = new OTLPTraceExporter({ url: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces` });
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    trace.setGlobalTracerProvider(provider);
    return () => provider.forceFlush();
  },
  async duotel() {
    const { start } = await import('duotel');
    const telemetry = start();
    return () => telemetry.forceFlush({ timeoutMillis: 10_000 });
  },
};

const flush = await pipelines[process.env.PIPELINE]();
const tracer = trace.getTracer('bench');

const five = (index) => ({
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'server.address': '127.0.0.1',
  'url.path': `/orders/${index}`,
  'http.response.status_code': 200,
});
const ten = (index) => ({
  ...five(index),
  'server.port': 8080,
  'network.peer.address': '127.0.0.1',
  'network.peer.port': 40_000 + index,
  'network.protocol.version': '1.1',
  'user_agent.original': 'load/1.0 (bench)',
});
const twenty = (index) => ({
  ...ten(index),
  'client.address': '127.0.0.1',
  'url.query': `page=${index % 7}`,
  'http.route': '/orders/:id',
  'app.user.id': `user-${index}`,
  'app.cart.total': index / 7,
  'app.cached': index % 3 === 0,
  'app.labels': ['new', 'gift', `batch-${index}`],
  'app.tenant': `tenant-${index % 4}`,
  'db.query.text': 'SELECT id, status, total FROM orders WHERE id = $1 AND status = $2 ORDER BY created_at',
  'app.note': 'für später',
});
const SHAPES = { 0: () => ({}), 5: five, 10: ten, 20: twenty };

function endRequest(attributes) {
  for (let index = 0; index < REQUEST; index++) {
    tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: attributes(index) }).end();
  }
}

async function send(attributes, requests) {
  for (let request = 0; request < requests; request++) {
    endRequest(attributes);
    await flush();
  }
}

/** CPU time of a span, in microseconds. */
async function measureCpu(attributes) {
  const before = process.cpuUsage();
  await send(attributes, REQUESTS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (REQUESTS * REQUEST);
}

/** Bytes on the heap for each span of one request, garbage included: the collector does not run in between. */
async function measureAllocation(attributes) {
  const allocated = [];
  for (let request = 0; request < 20; request++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    endRequest(attributes);
    await flush();
    allocated.push((process.memoryUsage().heapUsed - before) / REQUEST);
  }
  return allocated;
}

async function measureBlocks() {
  const blocks = [];
  for (let request = 0; request < 30; request++) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    endRequest(ten);
    delay.enable();
    await flush();
    await sleep(5);
    delay.disable();
    blocks.push(delay.max / 1e6);
  }
  return blocks;
}

for (const attributes of Object.values(SHAPES)) await send(attributes, WARM_UP_REQUESTS);
await sleep(200);

const shapes = {};
for (const [count, attributes] of Object.entries(SHAPES)) {
  shapes[count] = {
    microsPerSpan: await measureCpu(attributes),
    bytesPerSpan: await measureAllocation(attributes),
  };
}
report({ shapes, blockMillis: await measureBlocks() });
