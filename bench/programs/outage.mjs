/**
 * Ends `RATE` spans a second through the set-up named by `PIPELINE`, for as long as it is let, and tells at each mark
 * what it has cost since the last one.
 *
 * Over the IPC channel: `mark` → what was spent since the mark before; `end` → no more spans, everything sent that can be,
 * and the account.
 */
import { subscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { SpanKind, trace } from '@opentelemetry/api';

const RATE = Number(process.env.RATE);
const PORT = Number(process.env.PORT);
const TICK_MILLIS = 5;
const RESOLUTION_MILLIS = 2;
const END_MILLIS = 5000;

let attempts = 0;
subscribe('net.client.socket', ({ socket }) =>
  socket.on('connectionAttempt', (_address, port) => {
    if (port === PORT) attempts++;
  }),
);

/** Each gives the end: it sends what has ended and resolves to the items it knows to be lost. */
const pipelines = {
  /** Spans made and ended, and nothing done with them. */
  async control() {
    const { TracerProvider } = await import('@opentelemetry/sdk-trace');
    trace.setGlobalTracerProvider(new TracerProvider());
    return async () => 0;
  },
  /** Upstream with its defaults: what a careful engineer writes, and nothing to make it talk. */
  async upstream() {
    const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace');
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    const provider = new TracerProvider({
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    });
    trace.setGlobalTracerProvider(provider);
    return async () => {
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise((end) => setTimeout(end, END_MILLIS)),
      ]);
      return 0;
    };
  },
  async duotel() {
    const { start } = await import('duotel');
    const telemetry = start();
    return async () => {
      await telemetry.shutdown({ timeoutMillis: END_MILLIS });
      const traces = telemetry.status().destinations.find(({ signal }) => signal === 'traces');
      return Object.values(traces.droppedItems).reduce((sum, items) => sum + items, 0);
    };
  },
};

const end = await pipelines[process.env.PIPELINE]();
const tracer = trace.getTracer('bench');

let made = 0;
function endSpan() {
  const attributes = {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'server.address': '127.0.0.1',
    'server.port': 8080,
    'network.peer.address': '127.0.0.1',
    'network.peer.port': 40_000 + (made % 10_000),
    'network.protocol.version': '1.1',
    'user_agent.original': 'load/1.0 (bench)',
    'url.path': `/orders/${made}`,
    'url.query': 'page=1',
    'client.address': '127.0.0.1',
    'http.response.status_code': 200,
  };
  tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes }).end();
  made++;
}

const startedAt = performance.now();
const load = setInterval(() => {
  const due = ((performance.now() - startedAt) * RATE) / 1000;
  while (made < due) endSpan();
}, TICK_MILLIS);

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
delay.enable();
let cpu = process.cpuUsage();
let triedBefore = 0;

/** Settled memory: garbage is collected first, so that two marks compare. The pause for it belongs to no window. */
function mark() {
  const { user, system } = process.cpuUsage(cpu);
  const window = {
    made,
    cpuMillis: (user + system) / 1000,
    attempts: attempts - triedBefore,
    delayMillis: Math.max(0, delay.max / 1e6 - RESOLUTION_MILLIS),
  };
  globalThis.gc();
  const marked = { ...window, rss: process.memoryUsage.rss() };
  cpu = process.cpuUsage();
  triedBefore = attempts;
  // The collection's own delay is seen by the monitor only after this turn.
  setTimeout(() => delay.reset(), 10 * RESOLUTION_MILLIS);
  return marked;
}

process.on('message', async (message) => {
  if (message === 'mark') process.send({ marked: mark() });
  if (message === 'end') {
    clearInterval(load);
    process.send({ ended: { made, toldLost: await end() } });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
