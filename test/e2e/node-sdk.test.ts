/** `examples/node-sdk`: seven official packages and our parts in one NodeSDK, all of them delivering. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startReceiver, type ReceivedSpan, type Receiver } from '../../src/testing.ts';
import { installExample } from '../support/backends-package.ts';
import {
  cleanEnvironment,
  freePort,
  getText,
  launch,
  PATIENCE_MILLIS,
  waitFor,
  type Running,
} from '../support/backends.ts';

interface Example {
  readonly app: Running;
  readonly url: string;
  /** What the official exporters deliver. */
  readonly official: Receiver;
  /** What our parts deliver, and Sentry. */
  readonly ours: Receiver;
  readonly page: () => Promise<string>;
}

async function startExample(t: TestContext): Promise<Example> {
  const [official, ours] = [await startReceiver(), await startReceiver()];
  t.after(() => Promise.all([official.close(), ours.close()]));
  const prometheusPort = await freePort();
  const app = launch(t, process.execPath, ['--import', './telemetry.js', 'app.js'], {
    cwd: await installExample(t, 'node-sdk'),
    env: cleanEnvironment({
      OTEL_SERVICE_NAME: 'shop',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BLRP_SCHEDULE_DELAY: '100',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '500',
      OTEL_EXPORTER_OTLP_ENDPOINT: official.url,
      SECOND_OTLP_ENDPOINT: ours.url,
      PROMETHEUS_PORT: String(prometheusPort),
      SENTRY_DSN: ours.dsn,
    }),
  });
  const port = await waitFor('the port', () => /^(\d+)\n/.exec(app.stdout())?.[1], app);
  const page = (): Promise<string> => getText(`http://127.0.0.1:${prometheusPort}/metrics`);
  return { app, url: `http://127.0.0.1:${port}`, official, ours, page };
}

/** Parts of a Sentry error event that matter here. */
interface SentryEvent {
  readonly contexts?: { readonly trace?: { readonly trace_id?: string; readonly span_id?: string } };
  readonly exception?: { readonly values?: readonly { readonly value?: string }[] };
}

/** Spans of a trace, as soon as there is one. */
async function spansOf(receiver: Receiver, traceId: string): Promise<ReceivedSpan[]> {
  await receiver.waitFor(() => receiver.trace(traceId).length > 0, PATIENCE_MILLIS);
  return receiver.trace(traceId);
}

test('the seven official packages and our parts deliver side by side', async (t) => {
  const { app, url, official, ours, page } = await startExample(t);
  const traceId = (await getText(`${url}/book`)).trim();
  const failure = await fetch(`${url}/unicorn`, {
    headers: { 'sentry-trace': '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' },
  });
  const failedTraceId = (await failure.text()).trim();

  await t.test('a span arrives through the official exporter and through ours, the same on both', async () => {
    const [theirs] = await spansOf(official, traceId);
    const [own] = await spansOf(ours, traceId);
    assert.equal(theirs?.kind, 'server');
    assert.deepEqual(own, theirs);
    assert.equal(own.serviceName, 'shop');
  });

  await t.test('a metric is on the official page, in the official export and in ours', async () => {
    assert.match(await page(), /^shop_orders_total\{.*item="book".*\} 1$/m);
    for (const receiver of [official, ours]) {
      await receiver.waitFor(() => receiver.metric('shop.orders', { item: 'book' })?.value === 1, PATIENCE_MILLIS);
    }
  });

  await t.test('a log record arrives through our parts with the ids of its span', async () => {
    const record = await ours.waitFor(() => ours.logs.find(({ body }) => body === 'sold: book'), PATIENCE_MILLIS);
    assert.deepEqual([record?.traceId, record?.spanId], [traceId, ours.trace(traceId)[0]?.spanId]);
  });

  await t.test('a Sentry error carries the ids of its span, which continues the trace of Sentry headers', async () => {
    const event = (await ours.waitFor(() => ours.envelopeItems('event')[0], PATIENCE_MILLIS)) as SentryEvent;
    const [span] = await spansOf(ours, failedTraceId);
    assert.equal(event.exception?.values?.at(-1)?.value, 'unicorns are sold out');
    assert.equal(event.contexts?.trace?.trace_id, failedTraceId);
    assert.equal(event.contexts.trace.span_id, span?.spanId);
    assert.equal(failedTraceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(span?.parentSpanId, 'b7ad6b7169203331');
  });

  await t.test('the failed trace is in Sentry, by our parts', async () => {
    const span = await ours.waitFor(
      () => ours.sentrySpans.find(({ traceId }) => traceId === failedTraceId),
      PATIENCE_MILLIS,
    );
    assert.equal(span?.attributes['url.path'], '/unicorn');
  });

  await t.test('no delivery becomes a span, and nothing is printed', async () => {
    const paths = new Set([...official.spans, ...ours.spans].map(({ attributes }) => attributes['url.path']));
    assert.deepEqual(paths, new Set(['/book', '/unicorn']));
    assert.deepEqual([ours.envelopeItems('transaction'), ours.envelopeItems('span')], [[], []]);
    assert.deepEqual(await app.stop(), { code: 0, signal: null });
    assert.equal(app.stderr(), '');
  });
});
