import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { OtlpDestination } from '../../../src/config/config.ts';
import { createDeadline } from '../../../src/core/deadline.ts';
import { kindOfError } from '../../../src/delivery/cause.ts';
import { secretsOf } from '../../../src/delivery/secrets.ts';
import { createTransport, type Transport, type TransportResult } from '../../../src/delivery/transport.ts';
import { resolveVerdict } from '../../../src/delivery/verdict.ts';
import { startProxy } from '../../support/forward-proxy.ts';
import {
  createCertificates,
  destinationAt,
  type FaultServer,
  holding,
  NO_OPENSSL,
  refusedUrl,
  startServer,
  startTcpServer,
  until,
} from './fault-server.ts';

async function startTarget(t: TestContext, ...args: Parameters<typeof startServer>): Promise<FaultServer> {
  const server = await startServer(...args);
  t.after(() => server.close());
  return server;
}

function transportTo(t: TestContext, destination: OtlpDestination): Transport {
  const transport = createTransport(destination);
  t.after(() => transport.close());
  return transport;
}

function post(transport: Transport, budgetMillis = 5000): Promise<TransportResult> {
  return holding(() => transport.post(Buffer.from('body'), 'text/plain', createDeadline(budgetMillis)));
}

const CREDENTIAL = 'some%40user:proxy-passw0rd@';
const AUTHORIZATION = `Basic ${Buffer.from('some@user:proxy-passw0rd').toString('base64')}`;

/** What people would be told of a result. */
function told(result: TransportResult, destination: OtlpDestination): string {
  return JSON.stringify([result, resolveVerdict(result, { secrets: secretsOf(destination), nowMillis: 0 })]);
}

suite('http through a proxy', () => {
  test('the proxy is asked for the whole address with its credential, which the target never sees', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'));
    const proxy = await startProxy(t);
    const headers = { authorization: 'Bearer of-the-target' };
    const result = await post(
      transportTo(t, destinationAt(`${target.url}?a=1`, { headers, proxy: proxy.url(CREDENTIAL) })),
    );
    assert.equal(result.status === 'answered' && result.statusCode, 200);
    const [asked] = proxy.seen;
    assert.equal(asked?.target, `${target.url}?a=1`);
    assert.equal(asked.headers.host, `localhost:${target.port}`);
    assert.equal(asked.headers['proxy-authorization'], AUTHORIZATION);
    assert.equal(asked.headers.authorization, 'Bearer of-the-target');
    assert.equal(target.requests[0]?.body.toString(), 'body');
  });

  test('without a credential the proxy gets no header of its own', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'));
    const proxy = await startProxy(t);
    await post(transportTo(t, destinationAt(target.url, { proxy: proxy.url() })));
    assert.equal(proxy.seen[0]?.headers['proxy-authorization'], undefined);
  });

  test('407 is a failure of the proxy that is tried again, and names no credential', async (t) => {
    const proxy = await startProxy(t, 407);
    const destination = destinationAt('http://target.invalid/v1/traces', { proxy: proxy.url(CREDENTIAL) });
    const result = await post(transportTo(t, destination));
    assert.equal(result.status === 'failed' && result.code, 'PROXY_407');
    assert.equal(kindOfError('PROXY_407'), 'proxy');
    assert.doesNotMatch(told(result, destination), /passw0rd|c29tZU/);
  });

  test('a proxy nobody listens at is told apart from a destination nobody listens at', async (t) => {
    const { port } = new URL(await refusedUrl());
    const destination = destinationAt('http://target.invalid/', { proxy: `http://${CREDENTIAL}127.0.0.1:${port}` });
    const result = await post(transportTo(t, destination));
    assert.equal(result.status === 'failed' && result.code, 'PROXY_ECONNREFUSED');
    assert.doesNotMatch(told(result, destination), /passw0rd/);
  });

  test('a proxy that never answers is given up at the deadline', async (t) => {
    const silent = await startTcpServer(() => undefined);
    t.after(() => silent.close());
    const proxy = `http://127.0.0.1:${silent.port}`;
    const result = await post(transportTo(t, destinationAt('http://target.invalid/', { proxy })), 150);
    assert.equal(result.status === 'failed' && result.code, 'DEADLINE');
  });
});

suite('https through a proxy', { skip: NO_OPENSSL }, () => {
  const certificates = createCertificates();
  after(() => certificates.remove());
  const { caFile, certFile, keyFile, read } = certificates;
  const serverTls = { cert: read(certFile('server')), key: read(keyFile('server')) };

  test('a tunnel is opened once and used again; headers and the credential of the target stay inside', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'), serverTls);
    const proxy = await startProxy(t);
    const headers = { authorization: 'Bearer of-the-target' };
    const transport = transportTo(
      t,
      destinationAt(target.url, { headers, tls: { caFile }, proxy: proxy.url(CREDENTIAL) }),
    );
    for (let count = 0; count < 2; count += 1) {
      const result = await post(transport);
      assert.equal(result.status === 'answered' && result.statusCode, 200, JSON.stringify(result));
    }
    assert.equal(proxy.seen.length, 1);
    assert.equal(proxy.seen[0]?.method, 'CONNECT');
    assert.equal(proxy.seen[0].target, `localhost:${target.port}`);
    assert.equal(proxy.seen[0].headers['proxy-authorization'], AUTHORIZATION);
    assert.equal(proxy.seen[0].headers.authorization, undefined);
    assert.equal(target.requests[1]?.headers['proxy-authorization'], undefined);
    assert.equal(target.requests[1]?.headers.authorization, 'Bearer of-the-target');
  });

  test('the certificate is checked against the host of the target', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'), serverTls);
    const proxy = await startProxy(t);
    const unknown = await post(transportTo(t, destinationAt(target.url, { proxy: proxy.url() })));
    assert.equal(unknown.status === 'failed' && kindOfError(unknown.code), 'tls');
    const url = target.url.replace('localhost', 'other.test');
    const other = await post(transportTo(t, destinationAt(url, { proxy: proxy.url(), tls: { caFile } })));
    assert.equal(other.status === 'failed' && other.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.equal(target.requests.length, 0);
  });

  for (const [status, kind] of [
    [407, 'proxy'],
    [502, 'network'],
  ] as const) {
    test(`a refusal with ${status} is told with its number, without a credential the proxy repeats`, async (t) => {
      const proxy = await startProxy(t, status);
      const destination = destinationAt('https://target.invalid/', { proxy: proxy.url(CREDENTIAL) });
      const result = await post(transportTo(t, destination));
      assert.ok(result.status === 'failed');
      assert.equal(result.code, `PROXY_${status}`);
      assert.match(result.message, new RegExp(`^the proxy answered ${status} `));
      assert.equal(kindOfError(result.code), kind);
      assert.doesNotMatch(told(result, destination), /passw0rd|c29tZU/);
    });
  }

  test('a proxy that never answers is left at the deadline, and the next request asks again', async (t) => {
    let open = 0;
    const silent = await startTcpServer((socket) => {
      open += 1;
      socket.on('close', () => (open -= 1));
      socket.resume();
    });
    t.after(() => silent.close());
    const proxy = `http://127.0.0.1:${silent.port}`;
    const transport = transportTo(t, destinationAt('https://target.invalid/', { proxy }));
    for (let count = 1; count <= 2; count += 1) {
      const result = await post(transport, 150);
      assert.equal(result.status === 'failed' && result.code, 'DEADLINE');
      await until(() => silent.connections() === count && open === 0, 'the tunnel is given up');
    }
  });

  test('a certificate file without a certificate is a failure of the request and nothing else', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'), serverTls);
    const proxy = await startProxy(t);
    const tls = { caFile, certFile: import.meta.filename, keyFile: import.meta.filename };
    const result = await post(transportTo(t, destinationAt(target.url, { proxy: proxy.url(), tls })));
    assert.equal(result.status, 'failed');
  });

  test('an open tunnel does not hold the process', async (t) => {
    const target = await startTarget(t, (_, response) => response.end('ok'), serverTls);
    const proxy = await startProxy(t);
    const source = new URL('../../../src/', import.meta.url);
    const settings = { ...destinationAt(target.url, { tls: { caFile } }), proxy: proxy.url() };
    const program = `
      import { createTransport } from '${source.href}delivery/transport.ts';
      import { createDeadline } from '${source.href}core/deadline.ts';
      const hold = setInterval(() => {}, 1000);
      const result = await createTransport(${JSON.stringify(settings)}).post(Buffer.from('x'), 'text/plain', createDeadline(5000));
      clearInterval(hold);
      console.log(result.statusCode);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 10_000,
    });
    assert.equal(stdout, '200\n');
  });
});
