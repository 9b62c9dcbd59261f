import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { createScrape, type Scrape } from '../../../src/outputs/scrape.ts';
import { httpRequest as get } from '../../support/http-request.ts';
import { runApp } from '../../support/run-app.ts';
import { captureNotices, createReader, openScrape, SCRAPE_CONFIG } from '../../support/scrape-endpoint.ts';
import { until } from '../../support/until.ts';
import { CERTIFICATE } from '../instrument/certificate.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'duotel-scrape-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Status and body over a socket. */
function getOver(socketPath: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ socketPath, path: '/metrics', agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
}

function openSocket(t: TestContext, socketPath: string): Scrape {
  const reader = createReader();
  const scrape = createScrape({ config: { ...SCRAPE_CONFIG, socketPath }, collect: () => reader.snapshot() });
  t.after(scrape.close);
  return scrape;
}

suite('Unix socket', { skip: process.platform === 'win32' }, () => {
  test('it serves its owner only, and is gone after closing', async (t) => {
    const path = join(folder(t), 'm.sock');
    const scrape = openSocket(t, path);
    deepEqual(scrape.address(), { host: `unix:${path}`, port: 0 });
    equal(statSync(path).mode & 0o777, 0o600);
    equal(await getOver(path), 200);
    await scrape.close();
    equal(existsSync(path), false);
  });

  test('what a killed process left behind is replaced', async (t) => {
    const path = join(folder(t), 'm.sock');
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await runApp({ code, type: 'cjs', nodeArgs: [] });
    ok(existsSync(path));
    const scrape = openSocket(t, path);
    await until('socket', scrape.address);
    equal(await getOver(path), 200);
    equal(statSync(path).mode & 0o777, 0o600);
  });

  test('a socket somebody listens on, and a file, are left alone with one notice', async (t) => {
    const lines = captureNotices(t);
    const path = join(folder(t), 'taken.sock');
    const other = createServer((socket) => socket.end()).listen(path);
    t.after(() => void other.close());
    await once(other, 'listening');
    openSocket(t, path);
    await until('notice', () => lines.length === 1);
    match(lines[0] ?? '', /^DUOTEL_PORT_IN_USE .*taken\.sock is taken/);
    ok(existsSync(path));
    await once(connect(path).resume(), 'close');
  });

  test('a file is no socket and stays', async (t) => {
    const lines = captureNotices(t);
    const path = join(folder(t), 'file');
    writeFileSync(path, 'mine');
    openSocket(t, path);
    await until('notice', () => lines.length === 1);
    equal(statSync(path).size, 4);
  });

  test('a folder that is not there is one notice', async (t) => {
    const lines = captureNotices(t);
    openSocket(t, '/nonexistent/m.sock');
    await until('notice', () => lines.length === 1);
    match(lines[0] ?? '', /^DUOTEL_SCRAPE_FAILED .*\/nonexistent\/m\.sock/);
  });
});

suite('HTTPS', () => {
  function files(t: TestContext): { certFile: string; keyFile: string } {
    const path = folder(t);
    const [certFile, keyFile] = [join(path, 'c.pem'), join(path, 'k.pem')];
    writeFileSync(certFile, CERTIFICATE.cert);
    writeFileSync(keyFile, CERTIFICATE.key);
    return { certFile, keyFile };
  }

  function getHttps(port: number, options: RequestOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      httpsRequest({ host: '127.0.0.1', port, path: '/metrics', agent: false, ...options }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      })
        .on('error', reject)
        .end();
    });
  }

  test('a page comes over TLS, plain HTTP gets nothing', async (t) => {
    const { certFile, keyFile } = files(t);
    const target = await openScrape(t, { config: { ...SCRAPE_CONFIG, tls: { certFile, keyFile } } });
    equal(await getHttps(target.port, { rejectUnauthorized: false }), 200);
    await rejects(get(target));
  });

  test('with a client authority, only its certificates are served', async (t) => {
    const { certFile, keyFile } = files(t);
    const tls = { certFile, keyFile, clientCaFile: certFile };
    const { port } = await openScrape(t, { config: { ...SCRAPE_CONFIG, tls } });
    await rejects(getHttps(port, { rejectUnauthorized: false }));
    equal(await getHttps(port, { rejectUnauthorized: false, cert: CERTIFICATE.cert, key: CERTIFICATE.key }), 200);
  });

  test('files that cannot be used keep it closed with one notice, never plain', async (t) => {
    const { certFile } = files(t);
    for (const keyFile of ['/nonexistent.pem', certFile]) {
      const lines = captureNotices(t);
      const scrape = createScrape({
        config: { ...SCRAPE_CONFIG, tls: { certFile, keyFile } },
        collect: () => new Promise(() => {}),
      });
      t.after(scrape.close);
      match(lines.join(''), /^DUOTEL_SCRAPE_FAILED Prometheus endpoint at 127\.0\.0\.1:0/);
      equal(lines.length, 1);
      equal(scrape.address(), undefined);
    }
  });
});
