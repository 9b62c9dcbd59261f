/** Telemetry does not observe itself: an idle program makes nothing (pain P30, test T39). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startReceiver } from '../../src/testing.ts';
import { startApp } from '../support/run-app.ts';

const IDLE_MILLIS = process.env['DUOTEL_TEST_LONG'] === '1' ? 60_000 : 2000;

/** After one item of each signal, a server nobody asks anything; three destinations, one always dead, and scrapers. */
const IDLE = `
import { createServer } from 'node:http';
import { logs, metrics, trace } from '@opentelemetry/api';
import { start } from 'duotel';
const telemetry = start({
  destinations: [{ endpoint: process.env.SECOND }, { endpoint: 'http://127.0.0.1:1' }],
});
trace.getTracer('app').startSpan('mine').end();
metrics.getMeter('app').createCounter('mine').add(1);
logs.getLogger('app').emit({ body: 'mine' });
const server = createServer((request, response) => telemetry.metricsHandler(request, response));
const tell = () => {
  const { scrape } = telemetry.status();
  if (scrape === undefined) setTimeout(tell, 5);
  else console.error('ports', server.address().port, scrape.port);
};
server.listen(0, '127.0.0.1', tell);
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`;

test('an idle program with every destination, dead or dying, makes no span, record or HTTP metric of its own', async (t) => {
  const [first, second] = [await startReceiver(), await startReceiver()];
  t.after(() => Promise.all([first.close(), second.close()]));
  const app = startApp({
    code: IDLE,
    nodeArgs: [],
    timeoutMillis: IDLE_MILLIS + 20_000,
    env: {
      SECOND: second.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: first.url,
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_METRIC_EXPORT_TIMEOUT: '100',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    },
  });
  const [, ...ports] = await app.line(/ports (\d+) (\d+)/, 'stderr');
  const before = await scrapeFor(IDLE_MILLIS / 2, ports);
  assert.ok(first.requests.length > 3);
  await first.close();
  const after = await scrapeFor(IDLE_MILLIS / 2, ports);
  app.child.kill('SIGTERM');
  const { stdout, stderr } = await app.ended;
  assert.equal(stdout, '');
  assert.match(stderr, /^ports [^\n]*\n(?:DUOTEL_EX[A-Z_]+ [^\n]*\n)*$/);
  for (const receiver of [first, second]) {
    assert.deepEqual(
      [receiver.spans.map(({ name }) => name), receiver.logs.map(({ body }) => body)],
      [['mine'], ['mine']],
    );
    assert.deepEqual(
      receiver.metrics.map(({ name }) => name).filter((name) => name.startsWith('http.')),
      [],
    );
  }
  for (const page of [...before, ...after]) assert.doesNotMatch(page, /^http_/m);
});

/** Asks for the pages as Prometheus does: on connections kept alive, compressed, in OpenMetrics. */
async function scrapeFor(millis: number, ports: readonly string[]): Promise<string[]> {
  const headers = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5', 'accept-encoding': 'gzip' };
  const pages: string[] = [];
  for (const end = performance.now() + millis; performance.now() < end; await delay(100)) {
    for (const port of ports) {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      assert.equal(answer.status, 200);
      pages.push(await answer.text());
    }
  }
  return pages;
}
