/**
 * `process.exit()` behind a proxy: the way to the destination is the one it has on the event loop.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test, type TestContext } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { type AppResult, runApp } from '../support/run-app.ts';
import { createCertificates, NO_OPENSSL, refusedUrl, startTcpServer } from '../unit/delivery/fault-server.ts';
import { startProxy } from '../support/forward-proxy.ts';

const CREDENTIAL = 'some%40user:proxy-passw0rd@';
const AUTHORIZATION = `Basic ${Buffer.from('some@user:proxy-passw0rd').toString('base64')}`;
const SECRETS = /passw0rd|c29tZU/;
const BUDGET_MILLIS = 400;
/** A loaded machine may take this much longer than promised. */
const MARGIN_MILLIS = 700;

const CODE = `
  const { trace, logs } = require('@opentelemetry/api');
  trace.getTracer('proxied').startSpan('work').end(); logs.getLogger('proxied').emit({ body: 'done' });
  process.exit(3);`;

/** The whole product, with nothing but variables. */
function exits(env: Readonly<Record<string, string>>): Promise<AppResult> {
  return runApp({ code: CODE, type: 'cjs', env: { OTEL_SERVICE_NAME: 'proxied', ...env } });
}

async function controlMillis(): Promise<number> {
  return (await runApp({ code: CODE, type: 'cjs', nodeArgs: [] })).millis;
}

async function silentProxy(t: TestContext): Promise<string> {
  const silent = await startTcpServer((socket) => socket.resume());
  t.after(() => silent.close());
  return `http://${CREDENTIAL}127.0.0.1:${silent.port}`;
}

function assertLoss({ code, stderr }: AppResult, why: RegExp): void {
  assert.equal(code, 3);
  assert.match(stderr, /^DUOTEL_EXIT_LOSS 2 items of telemetry were lost [^\n]*\n$/);
  assert.match(stderr, why);
  assert.doesNotMatch(stderr, SECRETS);
}

suite('http through a proxy', () => {
  let receiver: Receiver;
  before(async () => {
    receiver = await startReceiver();
  });
  beforeEach(() => receiver.clear());
  after(() => receiver.close());

  test('the proxy is asked for the whole address, and everything arrives', async (t) => {
    const proxy = await startProxy(t);
    const result = await exits({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer of-the-target',
      HTTP_PROXY: proxy.url(CREDENTIAL),
    });
    assert.deepEqual([result.code, result.stderr], [3, '']);
    assert.deepEqual([receiver.spans.length, receiver.logs.length], [1, 1]);
    const targets = new Set(proxy.seen.map(({ target }) => target));
    assert.deepEqual(targets, new Set([`${receiver.url}/v1/logs`, `${receiver.url}/v1/traces`]));
    for (const { headers } of proxy.seen) {
      assert.equal(headers['proxy-authorization'], AUTHORIZATION);
      assert.equal(headers.authorization, 'Bearer of-the-target');
      assert.equal(headers.host, new URL(receiver.url).host);
    }
  });

  test('a destination in NO_PROXY is reached without it', async () => {
    const proxy = new URL(await refusedUrl()).origin;
    const result = await exits({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      HTTP_PROXY: proxy,
      NO_PROXY: '127.0.0.1',
    });
    assert.deepEqual([result.code, result.stderr, receiver.spans.length], [3, '', 1]);
  });

  test('407 is told as the failure of the proxy, within the budget and without the credential', async (t) => {
    const proxy = await startProxy(t, 407);
    const result = await exits({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://target.invalid',
      HTTP_PROXY: proxy.url(CREDENTIAL),
      DUOTEL_SHUTDOWN_TIMEOUT: '10000',
    });
    assertLoss(
      result,
      /: http:\/\/target\.invalid \(through the proxy http:\/\/localhost:\d+\) failed: .*answered 407/,
    );
    assert.ok(result.millis < 10_000);
  });
});

suite('https through a proxy', { skip: NO_OPENSSL }, () => {
  const certificates = createCertificates();
  const { caFile, certFile, keyFile, read } = certificates;
  let receiver: Receiver;
  before(async () => {
    const cert = read(certFile('server')).toString();
    receiver = await startReceiver({ tls: { cert, key: read(keyFile('server')).toString() } });
  });
  beforeEach(() => receiver.clear());
  after(async () => {
    await receiver.close();
    certificates.remove();
  });
  const secure = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_CERTIFICATE: caFile });

  test('everything arrives through tunnels; the credential of the proxy stays outside, that of the target inside', async (t) => {
    const proxy = await startProxy(t);
    const result = await exits({
      ...secure(),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer of-the-target',
      HTTPS_PROXY: proxy.url(CREDENTIAL),
    });
    assert.deepEqual([result.code, result.stderr], [3, '']);
    assert.deepEqual([receiver.spans.length, receiver.logs.length], [1, 1]);
    assert.equal(proxy.seen.length, 2);
    for (const { method, target, headers } of proxy.seen) {
      assert.deepEqual([method, target], ['CONNECT', new URL(receiver.url).host]);
      assert.equal(headers['proxy-authorization'], AUTHORIZATION);
      assert.equal(headers.authorization, undefined);
    }
    for (const { headers } of receiver.requests) assert.equal(headers['proxy-authorization'], undefined);
  });

  test('the certificate is checked against the host of the target', async (t) => {
    const proxy = await startProxy(t);
    const { port } = new URL(receiver.url);
    const result = await exits({
      ...secure(),
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://other.test:${port}`,
      HTTPS_PROXY: proxy.url(),
    });
    assertLoss(result, /failed: ERR_TLS_CERT_ALTNAME_INVALID/);
    assert.equal(receiver.requests.length, 0);
  });

  for (const status of [407, 502]) {
    test(`a refusal with ${status} ends the exit at once and is told with its number`, async (t) => {
      const proxy = await startProxy(t, status);
      const result = await exits({
        ...secure(),
        HTTPS_PROXY: proxy.url(CREDENTIAL),
        DUOTEL_SHUTDOWN_TIMEOUT: '10000',
      });
      assertLoss(result, new RegExp(`\\(through the proxy http://localhost:\\d+\\) failed: .*answered ${status}`));
      assert.ok(result.millis < 10_000);
    });
  }

  test('a proxy nobody listens at ends the exit at once', async () => {
    const { port } = new URL(await refusedUrl());
    const result = await exits({
      ...secure(),
      HTTPS_PROXY: `http://${CREDENTIAL}127.0.0.1:${port}`,
      DUOTEL_SHUTDOWN_TIMEOUT: '10000',
    });
    assertLoss(result, /\(through the proxy http:\/\/127\.0\.0\.1:\d+\) failed: .*proxy: connect ECONNREFUSED/);
    assert.ok(result.millis < 10_000);
  });

  test('a proxy that never answers costs the budget and no more, and is named', async (t) => {
    const control = await controlMillis();
    const result = await exits({ ...secure(), HTTPS_PROXY: await silentProxy(t) });
    assertLoss(result, /\(through the proxy http:\/\/127\.0\.0\.1:\d+\) did not answer within 400 ms/);
    const overMillis = result.millis - control;
    assert.ok(overMillis < BUDGET_MILLIS + MARGIN_MILLIS, `${overMillis} ms`);
  });

  test('an address of the proxy that was resolved ahead is used instead of a look-up', async (t) => {
    const proxy = await startProxy(t);
    const { port } = new URL(proxy.url());
    const overrides = { proxy: `http://proxy.invalid:${port}`, address: '127.0.0.1', tls: { caFile } };
    const code = `import { queue } from '${join(ROOT, 'test/support/exit-app.ts')}';
      queue('a', ${JSON.stringify(overrides)}); process.exit(3);`;
    const result = await runApp({ code, nodeArgs: [], env: { EXIT_ENDPOINT: receiver.url } });
    assert.deepEqual([result.code, result.stderr, receiver.spans.length], [3, '', 1]);
  });
});
