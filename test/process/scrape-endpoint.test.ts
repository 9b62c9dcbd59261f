/** The endpoint's own listener in whole processes: taken ports, strangers, bad callbacks (T20, T21, T22, T25). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { startReceiver } from '../../src/testing.ts';
import { freePort, temporaryFolder } from '../support/backends.ts';
import { httpRequest, type HttpTarget, rawRequest } from '../support/http-request.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { startApp, type RunningApp } from '../support/run-app.ts';
import { until } from '../support/until.ts';
import { CERTIFICATE } from '../unit/instrument/certificate.ts';

const SERVER = `
import { createServer } from 'node:http';
import { metrics } from '@opentelemetry/api';
const meter = metrics.getMeter('app');
meter.createCounter('orders').add(3);
if (process.env.BAD_CALLBACKS) {
  meter.createObservableGauge('stuck').addCallback(() => new Promise(() => {}));
  meter.createObservableGauge('broken').addCallback(() => { throw new Error('boom'); });
}
meter.createObservableGauge('fine').addCallback((result) => result.observe(1));
const server = createServer((_, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => console.log('port', server.address().port));
process.on('SIGTERM', () => { server.close(); server.closeAllConnections(); });`;

interface Service extends RunningApp {
  readonly app: HttpTarget;
  readonly metrics: HttpTarget;
}

async function startService(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const port = await freePort();
  const running = startApp({
    code: SERVER,
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), ...env },
    timeoutMillis: 90_000,
  });
  t.after(() => running.child.kill('SIGKILL'));
  const app = { host: '127.0.0.1', port: Number((await running.line(/port (\d+)/))[1]) };
  return { ...running, app, metrics: { host: '127.0.0.1', port } };
}

async function endQuietly({ child, ended }: Service): Promise<void> {
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  assert.deepEqual([code, stderr], [0, '']);
}

test('T20 with the port taken, the application serves, one line tells, and OTLP is unaffected', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => void other.close());
  await until('port', () => other.listening);
  const { port } = other.address() as AddressInfo;
  const service = await startService(t, {
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  assert.equal((await httpRequest(service.app)).body.toString(), 'ok');
  service.child.kill('SIGTERM');
  const { code, stderr } = await service.ended;
  assert.equal(code, 0);
  assert.match(stderr, /^DUOTEL_PORT_IN_USE [^\n]*\n$/);
  assert.ok(receiver.metrics.some(({ name }) => name === 'orders'));
});

test('T21 ten thousand fuzzed requests crash nothing, and a scrape succeeds afterwards', async (t) => {
  const service = await startService(t);
  const random = createRandom(11);
  const control = await p99(service.app, 300);
  let [sent, answered] = [0, 0];
  const attack = async (): Promise<void> => {
    while (sent < 10_000) {
      sent += 1;
      const answer = await rawRequest(service.metrics, fuzz(random), 40);
      if (answer.startsWith('HTTP/1.1 ')) answered += 1;
    }
  };
  const attackers = Promise.all(Array.from({ length: 4 }, attack));
  const attacked = await p99(service.app, 300);
  await attackers;
  t.diagnostic(
    `p99 of the application: ${control.toFixed(1)} ms alone, ${attacked.toFixed(1)} ms under fuzz; ${answered} answers`,
  );
  assert.ok(answered > 5_000, `${answered} answers`);
  assert.equal((await httpRequest(service.app)).status, 200);
  assert.match(await scrapeText(service), /orders_total 3/);
  await endQuietly(service);
});

test('a thousand open connections and readers that stop reading do not hurt', async (t) => {
  const service = await startService(t);
  const sockets: Socket[] = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  const open = (bytes: string): void => {
    const socket = connect(service.metrics.port, service.metrics.host, () => socket.write(bytes));
    sockets.push(socket.on('error', () => undefined).pause());
  };
  for (let n = 0; n < 900; n += 1) open('GET /metrics HTTP/1.1\r\n');
  for (let n = 0; n < 100; n += 1) open('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
  await until('connections', () => sockets.filter((socket) => !socket.connecting).length === 1_000);
  assert.equal((await httpRequest(service.app)).body.toString(), 'ok');
  for (const socket of sockets) socket.destroy();
  const text = await until('a page', () => scrapeText(service).catch(() => undefined), 15_000);
  assert.match(text, /orders_total 3/);
  await endQuietly(service);
});

test('open connections to the endpoint do not keep a finished program alive', async (t) => {
  const service = await startService(t);
  const socket = connect(service.metrics.port, service.metrics.host);
  t.after(() => socket.destroy());
  socket.on('error', () => undefined).write('GET /metrics HTTP/1.1\r\n');
  await new Promise((resolve) => socket.once('connect', resolve));
  await endQuietly(service);
});

test('nor do connections over TLS', async (t) => {
  const folder = await temporaryFolder(t);
  const [certFile, keyFile] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  writeFileSync(certFile, CERTIFICATE.cert);
  writeFileSync(keyFile, CERTIFICATE.key);
  const service = await startService(t, { DUOTEL_METRICS_TLS_CERT: certFile, DUOTEL_METRICS_TLS_KEY: keyFile });
  const socket = connectTls({ ...service.metrics, rejectUnauthorized: false });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined).write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  await endQuietly(service);
});

test('T22 nothing listens beyond loopback but what the application opened', { skip: !isLinux() }, async (t) => {
  const service = await startService(t);
  await scrapeText(service);
  const expected = [service.app.port, service.metrics.port].map((port) => `127.0.0.1:${port}`);
  assert.deepEqual(listenersOf(service.child.pid ?? 0).sort(), expected.sort());
  await endQuietly(service);
});

test('T25 with a callback that never settles and one that throws, each of 20 scrapes is whole and in time', async (t) => {
  const service = await startService(t, { BAD_CALLBACKS: 'yes' });
  await httpRequest(service.app, { path: '/' });
  const scrape = async (): Promise<Buffer> => {
    const startedAt = performance.now();
    const { status, body } = await httpRequest(service.metrics);
    assert.equal(status, 200);
    assert.ok(performance.now() - startedAt <= 2_000);
    return body;
  };
  const bodies: Buffer[] = [];
  for (let round = 0; round < 4; round += 1) bodies.push(...(await Promise.all([1, 2, 3, 4, 5].map(scrape))));
  for (const body of bodies) {
    const families = parsePrometheus(body);
    for (const name of ['target_info', 'orders_total', 'fine', 'http_server_request_duration_seconds'])
      assert.ok(families.has(name), name);
    assert.ok(!families.has('stuck') && !families.has('broken'));
  }
  await endQuietly(service);
});

async function scrapeText({ metrics }: Service): Promise<string> {
  const { status, body } = await httpRequest(metrics);
  assert.equal(status, 200);
  return body.toString();
}

/** 99th percentile of requests one after the other, in milliseconds. */
async function p99(target: HttpTarget, requests: number): Promise<number> {
  const millis: number[] = [];
  for (let n = 0; n < requests; n += 1) {
    const startedAt = performance.now();
    assert.equal((await httpRequest(target)).status, 200);
    millis.push(performance.now() - startedAt);
  }
  return millis.sort((a, b) => a - b)[Math.floor(requests * 0.99)] ?? 0;
}

const LINES = [
  'GET /metrics HTTP/1.1',
  'POST /metrics HTTP/1.1',
  'GET /metrics',
  'PRI * HTTP/2.0',
  'HEAD /x HTTP/1.0',
  '',
];
const HEADERS = [
  'Host: x',
  'Content-Length: 99999999',
  'Transfer-Encoding: chunked',
  'Connection: upgrade\r\nUpgrade: websocket',
  'Expect: 100-continue',
  `X: ${'y'.repeat(20_000)}`,
  'Authorization: Basic ::::',
  'Accept: ,;q=;;version=',
];

function fuzz(random: (limit: number) => number): Buffer {
  const headers = Array.from({ length: random(4) }, () => HEADERS[random(HEADERS.length)]);
  const bytes = Buffer.from([LINES[random(LINES.length)], ...headers, '', ''].join('\r\n'), 'latin1');
  for (let flips = random(4); flips > 0; flips -= 1) bytes[random(bytes.length)] = random(256);
  return bytes;
}

/** Whole numbers below `limit`, the same in every run. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function isLinux(): boolean {
  return process.platform === 'linux';
}

/** TCP addresses a process listens on, from the kernel. */
function listenersOf(pid: number): string[] {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
      .map((fields) => readAddress(fields[1] ?? '')),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readAddress(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes = address.length === 8 ? [...Buffer.from(address, 'hex')].toReversed().join('.') : address;
  return `${bytes}:${parseInt(port, 16)}`;
}
