/** A real Collector that is killed under load and comes back, and one that is behind a proxy. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { skipWithout } from '../support/backends.ts';
import { startCollectorRelay } from '../support/backends-collector-relay.ts';
import { startProgram } from '../support/delivery-program.ts';
import { type Seen, startProxy } from '../support/forward-proxy.ts';
import { assertItemsBalance, type Delivery, totalOf } from '../support/ledger.ts';

const skip = skipWithout('collector');

const LOAD = `
  const counter = metrics.getMeter('relay').createCounter('orders');
  const stop = load(500, (count) => { for (let item = 0; item < count; item++) { span(); log({ id: ++made }); counter.add(1); } });`;

/** The request of each signal that was under way when the Collector died may arrive twice. */
const DUPLICATES = 512;

async function receiverOf(t: TestContext): Promise<Receiver> {
  const receiver = await startReceiver({ maxItems: 200_000 });
  t.after(() => receiver.close());
  return receiver;
}

test(
  'a Collector killed under load and started again loses nothing, and a line says that it is back',
  { skip },
  async (t) => {
    const receiver = await receiverOf(t);
    const relay = await startCollectorRelay(t, receiver.url);
    const program = startProgram(
      `let made = 0; ${LOAD} await told(); stop();
     await telemetry.shutdown({ timeoutMillis: 20_000 }); say({ made, destinations: telemetry.status().destinations });`,
      { url: relay.url, env: { OTEL_METRIC_EXPORT_INTERVAL: '500', OTEL_METRIC_EXPORT_TIMEOUT: '500' } },
    );
    t.after(() => void program.app.child.kill('SIGKILL'));
    await receiver.waitFor({ spans: 500, logs: 500, metrics: 1 });
    await relay.kill();
    await program.errorLine(/^DUOTEL_EXPORT_FAILED .*\n/m);
    const before = [receiver.spans.length, receiver.logs.length];
    await relay.restart();
    await program.errorLine(/^DUOTEL_EXPORT_RECOVERED .*Nothing was lost.*\n/m);
    program.goOn();
    const { said, lines } = await program.end();
    const { made, destinations } = said[0] as { made: number; destinations: Delivery[] };

    assert.equal(lines.filter((line) => line.startsWith('DUOTEL_EXPORT_RECOVERED')).length, 1, lines.join('\n'));
    for (const delivery of destinations) {
      assertItemsBalance(delivery);
      const lost = { ...delivery.droppedItems, superseded: 0 };
      assert.deepEqual([delivery.queuedItems, totalOf(lost)], [0, 0], delivery.signal);
    }
    const spans = new Set(receiver.spans.map(({ spanId }) => spanId)).size;
    const logs = new Set(receiver.logs.map(({ body }) => (body as { id: number }).id)).size;
    assert.deepEqual([spans, logs], [made, made]);
    assert.ok(receiver.spans.length - spans <= DUPLICATES && receiver.logs.length - logs <= DUPLICATES);
    assert.equal(receiver.metric('orders')?.value, made);
    assert.ok(receiver.spans.length > (before[0] ?? 0) && receiver.logs.length > (before[1] ?? 0));
  },
);

/** Sends some of each signal to a Collector with these variables; what the proxy saw of it. */
async function sendThrough(
  t: TestContext,
  scheme: 'http' | 'https',
  noProxy: string,
): Promise<{ receiver: Receiver; seen: Seen[] }> {
  const receiver = await receiverOf(t);
  const relay = await startCollectorRelay(t, receiver.url, scheme);
  const proxy = await startProxy(t);
  const program = startProgram(
    `let made = 0; ${LOAD} await told(); stop(); await telemetry.shutdown({ timeoutMillis: 20_000 });
     say({ made, destinations: telemetry.status().destinations });`,
    {
      url: relay.url,
      env: {
        [scheme === 'https' ? 'HTTPS_PROXY' : 'HTTP_PROXY']: proxy.url('user:secret@'),
        NO_PROXY: noProxy,
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer glc_c2VjcmV0',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_METRIC_EXPORT_TIMEOUT: '200',
        ...(scheme === 'https' && { OTEL_EXPORTER_OTLP_CERTIFICATE: relay.certificateFile }),
      },
    },
  );
  t.after(() => void program.app.child.kill('SIGKILL'));
  await receiver.waitFor({ spans: 500, logs: 500, metrics: 2 });
  program.goOn();
  const { said, lines } = await program.end();
  const { made } = said[0] as { made: number };
  assert.deepEqual([receiver.spans.length, receiver.logs.length, lines], [made, made, []]);
  return { receiver, seen: proxy.seen };
}

const CREDENTIAL = `Basic ${Buffer.from('user:secret').toString('base64')}`;

test('a Collector behind an HTTP proxy gets everything by whole addresses', { skip }, async (t) => {
  const { seen } = await sendThrough(t, 'http', 'elsewhere.test');
  assert.deepEqual(new Set(seen.map(({ method }) => method)), new Set(['POST']));
  const paths = new Set(seen.map(({ target }) => new URL(target ?? '').pathname));
  assert.deepEqual(paths, new Set(['/v1/traces', '/v1/logs', '/v1/metrics']));
  assert.deepEqual(new Set(seen.map(({ headers }) => headers['proxy-authorization'])), new Set([CREDENTIAL]));
});

test(
  'a Collector with TLS behind a proxy gets everything through tunnels, and the proxy sees no credential of it',
  { skip },
  async (t) => {
    const { seen } = await sendThrough(t, 'https', '');
    assert.deepEqual(new Set(seen.map(({ method }) => method)), new Set(['CONNECT']));
    assert.ok(seen.length <= 6, `${seen.length} tunnels for three signals: they are kept alive`);
    assert.deepEqual(new Set(seen.map(({ headers }) => headers['proxy-authorization'])), new Set([CREDENTIAL]));
    assert.ok(seen.every(({ headers }) => headers.authorization === undefined));
  },
);

test('a Collector named in NO_PROXY is reached directly', { skip }, async (t) => {
  const { seen } = await sendThrough(t, 'http', '127.0.0.1');
  assert.deepEqual(seen, []);
});
