/**
 * HTTP instrumented by the preload alone, as a user's program sees it.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { PRELOAD, runApp } from '../support/run-app.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_SERVICE_NAME: 'http',
  OTEL_METRICS_EXPORTER: 'none',
});

/** Serves, asks itself over http.request and fetch, prints what the handlers saw, and ends by itself. */
const ROUND_TRIP = `
  const server = http.createServer((request, response) => response.end(String(request.headers.traceparent)));
  server.listen(0, '127.0.0.1', () => {
    const url = 'http://127.0.0.1:' + server.address().port;
    http.get(url + '/first', (response) => {
      response.setEncoding('utf8').on('data', (text) => console.log(text)).on('end', async () => {
        console.log(await (await fetch(url + '/second')).text());
        server.close();
        server.closeAllConnections();
      });
    });
  });`;

test('the preload alone traces http and fetch in CommonJS and ES modules, with named imports too', async () => {
  const programs = [
    { type: 'cjs', code: `const http = require('http');${ROUND_TRIP}` },
    { type: 'mjs', code: `import http from 'node:http';${ROUND_TRIP}` },
    { type: 'mjs', code: `import { createServer, get } from 'http'; const http = { createServer, get };${ROUND_TRIP}` },
  ] as const;
  for (const program of programs) {
    receiver.clear();
    const { stdout, stderr, code } = await runApp({ ...program, env: env() });
    assert.deepEqual([code, stderr], [0, '']);
    const headers = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('-'));
    assert.deepEqual(
      receiver.spans.map((span) => span.name),
      ['GET', 'GET', 'GET', 'GET'],
    );
    const clients = receiver.spans.filter((span) => span.kind === 'client');
    const servers = receiver.spans.filter((span) => span.kind === 'server');
    for (const [, traceId, spanId] of headers) {
      assert.ok(clients.some((span) => span.traceId === traceId && span.spanId === spanId));
      assert.ok(servers.some((span) => span.traceId === traceId && span.parentSpanId === spanId));
    }
  }
});

/** Stderr without the frames of the stack, which show who called whom. */
function withoutFrames(stderr: string): string {
  return stderr.replaceAll(/^ {4}at .*\n/gm, '');
}

const THROWING = `
  const http = require('http');
  const server = http.createServer(() => { throw new TypeError('thrown by the listener'); });
  server.listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port }).on('error', () => {}));`;

test('an error thrown by a listener ends the program as without telemetry', async () => {
  const control = await runApp({ code: THROWING, type: 'cjs', nodeArgs: [] });
  const traced = await runApp({ code: THROWING, type: 'cjs', env: env() });
  const plain = (stderr: string): string => withoutFrames(stderr).replaceAll(/\/\S*duotel-app-[^/]+/g, '');
  assert.equal(control.code, 1);
  assert.equal(traced.code, control.code);
  assert.equal(plain(traced.stderr), plain(control.stderr));
  assert.match(traced.stderr, /app\.cjs:3\n/);
});

test('an error thrown by a listener and survived leaves an ended span with the error', async () => {
  const { code, stderr, stdout } = await runApp({
    code: `process.once('uncaughtException', (error) => { console.log(error.message); server.close(); server.closeAllConnections(); });${THROWING}`,
    type: 'cjs',
    env: env(),
  });
  assert.deepEqual([code, stderr, stdout], [0, '', 'thrown by the listener\n']);
  const span = receiver.spans.find(({ kind }) => kind === 'server');
  assert.equal(span?.attributes['error.type'], 'TypeError');
  assert.equal(span?.status.code, 'error');
});

test('responses to hand-written requests are the same bytes with and without telemetry', async () => {
  const code = `
    const http = require('http'); const net = require('net');
    const server = http.createServer((request, response) => {
      response.sendDate = false;
      if (request.url === '/head') return response.writeHead(204, { 'X-Mine': 'a' }).end();
      if (request.url === '/stream') { response.write('a'); setTimeout(() => response.end('b'), 5); return; }
      if (request.url === '/echo') { request.pipe(response); return; }
      response.setHeader('Set-Cookie', ['a=1', 'b=2']); response.end('plain');
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = net.connect(server.address().port);
      socket.pipe(process.stdout); socket.on('end', () => server.close());
      const head = (line, more = '') => line + ' HTTP/1.1\\r\\nHost: a\\r\\n' + more + '\\r\\n';
      socket.write(head('GET /head') + head('HEAD /') + head('GET /stream') + head('POST /echo', 'Content-Length: 3\\r\\n') + 'abc'
        + head('GET /', 'Connection: close\\r\\n'));
    });`;
  const control = await runApp({ code, type: 'cjs', nodeArgs: [] });
  const traced = await runApp({ code, type: 'cjs', env: env() });
  assert.match(control.stdout, /204 No Content[^]*abc[^]*plain/);
  assert.equal(traced.stdout, control.stdout);
  assert.deepEqual([traced.code, traced.stderr], [control.code, control.stderr]);
  assert.equal(receiver.spans.length, 5);
});

test('a program that makes no request loads neither http nor the working halves', async () => {
  const { stdout, stderr } = await runApp({
    code: `console.log(process.moduleLoadList.filter((name) => /^NativeModule (_http|https?$|tls)/.test(name)).join(),
      Object.keys(require.cache).filter((file) => /instrument-(http-server|http-client|fetch)/.test(file)).join());`,
    type: 'cjs',
    nodeArgs: PRELOAD,
  });
  assert.deepEqual([stdout, stderr], [' \n', '']);
});
