/** The metrics page on the servers of an application that has only the preload (D11). */
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { httpRequest } from '../support/http-request.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { startApp, type RunningApp } from '../support/run-app.ts';
import { CERTIFICATE } from '../unit/instrument/certificate.ts';

const SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  console.log('app saw', request.url);
  response.end('from the application');
}).listen(0, '127.0.0.1', () => console.log('port', server.address().port));
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`;

async function portOf(app: RunningApp): Promise<number> {
  return Number((await app.line(/port (\d+)/))[1]);
}

test('the page is on the application’s port, its routes stay, and scrapes leave no trace', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const app = startApp({
    code: SERVER,
    env: {
      DUOTEL_METRICS_ON_APP: '/internal/metrics',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    },
  });
  const target = { host: '127.0.0.1', port: await portOf(app) };
  const other = await httpRequest(target, { path: '/internal/metricsx' });
  assert.equal(other.body.toString(), 'from the application');
  for (const path of ['/internal/metrics', '/internal/metrics?name[]=x']) {
    for (let round = 0; round < 5; round += 1) {
      const { status, body } = await httpRequest(target, { path });
      assert.equal(status, 200);
      const count = parsePrometheus(body).get('http_server_request_duration_seconds');
      assert.equal(count?.samples.find(({ name }) => name.endsWith('_count'))?.value, 1);
    }
  }
  assert.equal((await httpRequest(target, { path: '/internal/metrics', method: 'POST' })).status, 405);
  app.child.kill('SIGTERM');
  const { stdout, stderr } = await app.ended;
  assert.equal(stderr, '');
  assert.deepEqual(stdout.match(/app saw .*/g), ['app saw /internal/metricsx']);
  assert.deepEqual(
    receiver.spans.map(({ attributes }) => attributes['url.path']),
    ['/internal/metricsx'],
  );
});

test('a token guards the application’s port as well', async (t) => {
  const app = startApp({ code: SERVER, env: { DUOTEL_METRICS_ON_APP: '/metrics', DUOTEL_METRICS_TOKEN: 't0ken' } });
  t.after(() => app.child.kill('SIGKILL'));
  const target = { host: '127.0.0.1', port: await portOf(app) };
  const stranger = await httpRequest(target);
  assert.deepEqual([stranger.status, stranger.body.toString()], [401, 'A credential is needed.\n']);
  assert.equal((await httpRequest(target, { headers: { authorization: 'Bearer t0ken' } })).status, 200);
  assert.equal((await httpRequest(target, { path: '/' })).body.toString(), 'from the application');
});

test('HTTPS, HTTP/2 and HTTP/1 on an HTTP/2 port serve the page too', async (t) => {
  const app = startApp({
    code: `
import http2 from 'node:http2';
import https from 'node:https';
const pem = ${JSON.stringify(CERTIFICATE)};
const app = (request, response) => response.end('from the application');
const servers = [https.createServer(pem, app), http2.createServer(app), http2.createSecureServer({ ...pem, allowHTTP1: true }, app)];
await Promise.all(servers.map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))));
console.log('ports', servers.map((server) => server.address().port).join(' '));`,
    env: { DUOTEL_METRICS_ON_APP: '/metrics' },
  });
  t.after(() => app.child.kill('SIGKILL'));
  const ports = ((await app.line(/ports (.*)\n/))[1] ?? '').split(' ').map(Number);
  const [https = 0, plain2 = 0, secure2 = 0] = ports;
  const texts = [
    await getHttps(https, '/metrics'),
    await getHttps(secure2, '/metrics'),
    await getHttp2(`http://127.0.0.1:${plain2}`, '/metrics'),
    await getHttp2(`https://127.0.0.1:${secure2}`, '/metrics'),
  ];
  for (const text of texts) assert.match(text, /^200 .*target_info/s);
  for (const text of [await getHttps(secure2, '/'), await getHttp2(`http://127.0.0.1:${plain2}`, '/')])
    assert.equal(text, '200 from the application');
  app.child.kill('SIGKILL');
  assert.equal((await app.ended).stderr, '');
});

test('workers that share a port are told of once, and each serves', async (t) => {
  const app = startApp({
    code: `
import cluster from 'node:cluster';
import { createServer } from 'node:http';
if (cluster.isPrimary) {
  for (let n = 0; n < 3; n += 1) cluster.fork();
  let ready = 0;
  cluster.on('listening', (_, { port }) => ++ready === 3 && console.log('port', port));
} else createServer((_, response) => response.end()).listen(0, '127.0.0.1');`,
    env: { DUOTEL_METRICS_ON_APP: '/metrics' },
  });
  t.after(() => app.child.kill('SIGKILL'));
  const target = { host: '127.0.0.1', port: await portOf(app) };
  for (let n = 0; n < 6; n += 1) assert.equal((await httpRequest(target)).status, 200);
  app.child.kill('SIGTERM');
  const { stderr } = await app.ended;
  assert.match(stderr, /^DUOTEL_CONFIG_CONFLICT DUOTEL_METRICS_ON_APP in a cluster: .*\n$/);
});

function getHttps(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpsRequest({ host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

function getHttp2(origin: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(origin, { rejectUnauthorized: false }).on('error', reject);
    const stream = session.request({ ':path': path });
    let text = '';
    stream.on('response', (headers) => (text = `${headers[':status']} `));
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    stream.on('end', () => {
      session.close();
      resolve(text);
    });
    stream.on('error', reject);
  });
}
