/**
 * `npm run demo`: two services with telemetry, one failing order, and what can be seen of it.
 *
 * Everything is real and on this machine: the services are processes started with `--import ./telemetry`, and a receiver
 * in this process stands where Grafana Cloud and Sentry would. Nothing stays behind.
 */
import { startReceiver, type ReceivedLog, type ReceivedSpan, type Receiver } from '../../src/testing.ts';
import { counterSection, pushedOrders } from './counter-section.ts';
import { logSection } from './log-section.ts';
import { findErrorEvent, sentrySection } from './sentry-section.ts';
import { findFreePort, startService, stopServices } from './service.ts';
import { bold } from './style.ts';
import { traceSection } from './trace-section.ts';

const ITEMS = 'teapot kettle teapot teapot kettle teapot kettle unicorn teapot kettle teapot kettle'.split(' ');

/** One in the shop, two calls with their arrivals at the stock, one reservation. */
const SPANS_OF_ORDER = 6;
/** One in the shop before the stock refuses, the error of the stock, one in the shop after. */
const LOGS_OF_FAILED_ORDER = 3;

const ANSWER_TIMEOUT_MILLIS = 10_000;

const NEXT = [
  bold('Your turn'),
  '  node --import ./telemetry app.js                     your program, not a line of it changed',
  '  OTEL_EXPORTER_OTLP_ENDPOINT                          sends it to any collector',
  '  GRAFANA_CLOUD_INSTANCE_ID, …_OTLP_TOKEN, …_ZONE      sends it to Grafana Cloud',
  '  SENTRY_DSN                                           sends errors, and their traces, to Sentry',
];

const receiver = await startReceiver();
try {
  await runDemo(receiver);
} finally {
  await stopServices();
  await receiver.close();
}

async function runDemo(receiver: Receiver): Promise<void> {
  print(`${bold('duotel demo')}  ${ITEMS.length} orders at a shop that asks a stock service; one of them fails`, '');
  const scrapePort = await findFreePort();
  const stock = await startService('stock.cjs', receiver, { OTEL_METRICS_EXPORTER: 'otlp' });
  const shop = await startService('shop.mjs', receiver, {
    OTEL_EXPORTER_PROMETHEUS_PORT: String(scrapePort),
    STOCK_URL: stock.url,
  });
  for (const item of ITEMS) await read(`${shop.url}/orders`, { method: 'POST', body: JSON.stringify({ item }) });

  const { traceId } = await receiver.waitFor(failedOrder);
  await receiver.waitFor(() => logsOf(receiver, traceId).length === LOGS_OF_FAILED_ORDER);
  const event = await receiver.waitFor(() => findErrorEvent(receiver.envelopes, traceId));
  await receiver.waitFor(() => pushedOrders(receiver) === ITEMS.length);
  const scraped = await read(`http://127.0.0.1:${scrapePort}/metrics`);

  print(...traceSection(receiver.trace(traceId)), '');
  print(...logSection(logsOf(receiver, traceId)), '');
  print(...sentrySection(event, receiver.trace(traceId)), '');
  print(...counterSection(scraped, receiver), '');
  print(...NEXT);
}

/** The root span of the order that failed, once its whole trace is there. */
function failedOrder(receiver: Receiver): ReceivedSpan | undefined {
  const root = receiver.spans.find((span) => span.parentSpanId === undefined && span.status.code === 'error');
  return root && receiver.trace(root.traceId).length === SPANS_OF_ORDER ? root : undefined;
}

async function read(url: string, request: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS) });
  return response.text();
}

function logsOf(receiver: Receiver, traceId: string): ReceivedLog[] {
  return receiver.logs.filter((log) => log.traceId === traceId);
}

function print(...lines: string[]): void {
  for (const line of lines) console.log(line);
}
