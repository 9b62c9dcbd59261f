/**
 * What an ended span costs: CPU, allocation, and the longest block of the loop while 512 of them leave, for the set-up
 * named by `PIPELINE`.
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

function endRequest() {
  for (let index = 0; index < REQUEST; index++) {
    const attributes = {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': 8080,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': 40_000 + index,
      'network.protocol.version': '1.1',
      'user_agent.original': 'load/1.0 (bench)',
      'url.path': `/orders/${index}`,
      'url.query': 'page=1',
      'client.address': '127.0.0.1',
      'http.response.status_code': 200,
    };
    tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes }).end();
  }
}

for (let request = 0; request < WARM_UP_REQUESTS; request++) {
  endRequest();
  await flush();
}
await sleep(200);

const before = process.cpuUsage();
for (let request = 0; request < REQUESTS; request++) {
  endRequest();
  await flush();
}
const { user, system } = process.cpuUsage(before);

/** Bytes on the heap for the spans of one request, garbage included: the collector does not run in between. */
const allocated = [];
for (let request = 0; request < 20; request++) {
  globalThis.gc();
  const heap = process.memoryUsage().heapUsed;
  endRequest();
  const end = process.memoryUsage().heapUsed;
  await flush();
  allocated.push((end - heap) / REQUEST);
}

const blocks = [];
for (let request = 0; request < 30; request++) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  endRequest();
  delay.enable();
  await flush();
  await sleep(5);
  delay.disable();
  blocks.push(delay.max / 1e6);
}

report({ microsPerSpan: (user + system) / (REQUESTS * REQUEST), bytesPerSpan: allocated, blockMillis: blocks });
