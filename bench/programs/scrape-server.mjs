/**
 * Serves 2 000 histogram series with 14 boundaries over HTTP, by the means named in `EXPOSER`.
 *
 * Over the IPC channel: `fill` records each series once, `mark` starts a window, `report` tells what was spent since.
 */
import { tracingChannel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';

const SERIES = 2000;
const FIRST_ROUNDS = 20;
const RESOLUTION_MILLIS = 1;
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const DESCRIPTION = 'Duration of HTTP server requests.';

const attributes = Array.from({ length: SERIES }, (_, index) => ({
  'http.request.method': index & 1 ? 'GET' : 'POST',
  'url.scheme': 'http',
  'network.protocol.version': '1.1',
  'http.response.status_code': index % 7 ? 200 : 500,
  'http.route': `/api/v1/resource${index}/:id`,
}));
const labels = attributes.map((given) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.replaceAll('.', '_'), value])),
);

const exposers = { upstream, 'prom-client': promClient, duotel };

/** Every listener this process opens; the scraped one is the last. */
let port;
tracingChannel('net.server.listen').subscribe({ asyncEnd: ({ server }) => (port = server.address().port) });

function histogramOf(meterProvider) {
  return meterProvider.getMeter('bench', '1').createHistogram('http.server.request.duration', {
    unit: 's',
    description: DESCRIPTION,
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
}

async function upstream() {
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
  const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus');
  const reader = new PrometheusExporter({ host: '127.0.0.1', port: 0 });
  const histogram = histogramOf(new MeterProvider({ readers: [reader] }));
  return (index, value) => histogram.record(value, attributes[index]);
}

async function promClient() {
  const { default: client } = await import('prom-client');
  const registry = new client.Registry();
  const histogram = new client.Histogram({
    name: 'http_server_request_duration_seconds',
    help: DESCRIPTION,
    labelNames: Object.keys(labels[0]),
    buckets: BOUNDARIES,
    registers: [registry],
  });
  createServer(async (_request, response) => {
    const text = await registry.metrics();
    response.setHeader('content-type', registry.contentType);
    response.end(text);
  }).listen(0, '127.0.0.1');
  return (index, value) => histogram.observe(labels[index], value);
}

async function duotel() {
  const { start } = await import('duotel');
  start();
  const { metrics } = await import('@opentelemetry/api');
  const histogram = histogramOf(metrics);
  return (index, value) => histogram.record(value, attributes[index]);
}

const record = await exposers[process.env.EXPOSER]();
const fill = () => {
  for (let index = 0; index < SERIES; index++) record(index, Math.random() * 2);
};
for (let round = 0; round < FIRST_ROUNDS; round++) fill();

let ticked = performance.now();
let longestGapMillis = 0;
setInterval(() => {
  const now = performance.now();
  longestGapMillis = Math.max(longestGapMillis, now - ticked);
  ticked = now;
}, RESOLUTION_MILLIS);
let cpu = process.cpuUsage();
let loop = performance.eventLoopUtilization();

process.on('message', (message) => {
  if (message === 'fill') {
    fill();
    process.send({ filled: true });
  }
  if (message === 'mark') {
    ticked = performance.now();
    longestGapMillis = 0;
    cpu = process.cpuUsage();
    loop = performance.eventLoopUtilization();
    process.send({ marked: true });
  }
  if (message === 'report') {
    const { user, system } = process.cpuUsage(cpu);
    const busyMillis = performance.eventLoopUtilization(loop).active;
    // A gap is known when the timer fires after it.
    setTimeout(() => {
      const longestBlockMillis = Math.max(0, longestGapMillis - RESOLUTION_MILLIS);
      process.send({
        report: { cpuMicros: user + system, busyMillis, longestBlockMillis, rss: process.memoryUsage.rss() },
      });
    }, 5 * RESOLUTION_MILLIS);
  }
});
process.on('disconnect', () => process.exit(0));

const announce = () => (port === undefined ? setTimeout(announce, 5) : process.send({ port }));
announce();
