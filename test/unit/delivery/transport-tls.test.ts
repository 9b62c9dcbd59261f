import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { createDeadline } from '../../../src/core/deadline.ts';
import type { TlsFiles } from '../../../src/config/config.ts';
import { kindOfError } from '../../../src/delivery/cause.ts';
import { createTransport, type TransportResult } from '../../../src/delivery/transport.ts';
import {
  createCertificates,
  destinationAt,
  type FaultServer,
  holding,
  NO_OPENSSL,
  startServer,
  startTcpServer,
} from './fault-server.ts';

suite('TLS', { skip: NO_OPENSSL }, () => {
  const certificates = createCertificates();
  after(() => certificates.remove());

  const { caFile, certFile, keyFile, read } = certificates;
  const serverTls = { cert: read(certFile('server')), key: read(keyFile('server')) };

  async function postOnce(server: FaultServer, tls: TlsFiles, url = server.url): Promise<TransportResult> {
    const transport = createTransport(destinationAt(url, { tls }));
    try {
      return await holding(() => transport.post(Buffer.from('x'), 'application/json', createDeadline(5000)));
    } finally {
      transport.close();
    }
  }

  const kindOf = (result: TransportResult): string =>
    result.status === 'failed' ? kindOfError(result.code) : 'answered';

  test('a server certificate of a configured authority is trusted', async (t) => {
    const server = await startServer((_, response) => response.end(), serverTls);
    t.after(() => server.close());
    assert.equal((await postOnce(server, { caFile })).status, 'answered');
  });

  test('a server certificate of an unknown authority is a TLS failure', async (t) => {
    const server = await startServer((_, response) => response.end(), serverTls);
    t.after(() => server.close());
    const result = await postOnce(server, {});
    assert.equal(kindOf(result), 'tls');
    assert.equal(server.requests.length, 0);
  });

  test('a client certificate is shown when one is configured, and missed when not', async (t) => {
    const tls = { ...serverTls, ca: read(caFile), requestCert: true, rejectUnauthorized: true };
    const server = await startServer((_, response) => response.end(), tls);
    t.after(() => server.close());
    const client = { caFile, certFile: certFile('client'), keyFile: keyFile('client') };
    assert.equal((await postOnce(server, client)).status, 'answered');
    assert.equal((await postOnce(server, { caFile })).status, 'failed');
    assert.equal(server.requests.length, 1);
  });

  test('a certificate file that cannot be read is a TLS failure that names the file', async (t) => {
    const server = await startServer((_, response) => response.end(), serverTls);
    t.after(() => server.close());
    const result = await postOnce(server, { caFile: '/no/such/file.pem' });
    assert.ok(result.status === 'failed');
    assert.equal(result.code, 'TLS_FILE');
    assert.match(result.message, /ENOENT.*\/no\/such\/file\.pem/);
    assert.equal(kindOf(result), 'tls');
  });

  test('a certificate file put right later is picked up by the next request', async (t) => {
    const server = await startServer((_, response) => response.end(), serverTls);
    const lateFile = `${caFile}.late`;
    const transport = createTransport(destinationAt(server.url, { tls: { caFile: lateFile } }));
    t.after(async () => {
      transport.close();
      await server.close();
    });
    const post = (): Promise<TransportResult> =>
      holding(() => transport.post(Buffer.from('x'), 'text/plain', createDeadline(5000)));
    assert.equal((await post()).status, 'failed');
    copyFileSync(caFile, lateFile);
    assert.equal((await post()).status, 'answered');
  });

  test('https to a server without TLS, and the other way round, are told apart from silence', async (t) => {
    const plain = await startServer((_, response) => response.end());
    t.after(() => plain.close());
    assert.equal(kindOf(await postOnce(plain, {}, plain.url.replace('http:', 'https:'))), 'tls');
    const secure = await startServer((_, response) => response.end(), serverTls);
    t.after(() => secure.close());
    assert.match(kindOf(await postOnce(secure, {}, secure.url.replace('https:', 'http:'))), /network|protocol/);
  });

  test('a TLS handshake that never ends is cut at the deadline', async (t) => {
    const server = await startTcpServer(() => undefined);
    const transport = createTransport(destinationAt(server.url.replace('http:', 'https:')));
    t.after(async () => {
      transport.close();
      await server.close();
    });
    const result = await holding(() => transport.post(Buffer.from('x'), 'text/plain', createDeadline(200)));
    assert.equal(result.status === 'failed' && result.code, 'DEADLINE');
  });
});
