import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import {
  createCertificates,
  NO_OPENSSL,
  type FaultServer,
  refusedUrl,
  startServer,
  startTcpServer,
  until,
} from '../delivery/fault-server.ts';

const source = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href;

/** A program with a processor that has handed over one span. */
const PROGRAM = `
  import { TracerProvider } from '@opentelemetry/sdk-trace';
  import { createDeadline } from '${source('core/deadline.ts')}';
  import { OtlpSpanProcessor } from '${source('outputs/otlp.ts')}';
  const { url, headers = {}, timeoutMillis = 60000, tls = {} } = JSON.parse(process.env.DESTINATION);
  const limits = { scheduleDelayMillis: 5000, exportTimeoutMillis: 30000, maxExportBatchSize: 1 };
  const destination = { url, headers, protocol: 'http/protobuf', compression: 'none', timeoutMillis, tls };
  const processor = new OtlpSpanProcessor({ destinations: [destination], limits, isSelfDraining: true });
  const [output] = processor.outputs;
  const provider = new TracerProvider({ spanProcessors: [processor] });
  const endSpan = () => provider.getTracer('test').startSpan('span').end();
  const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
  const until = async (condition) => { while (!condition(output.stats())) await sleep(5); };
  const told = () => new Promise((resolve) => process.stdin.on('end', resolve).resume());
  endSpan();
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly millis: number;
}

/** Longest a program may take that nothing holds: far below any timeout in play. */
const LIMIT_MILLIS = 10_000;

/** Runs the program; what it does after `await told()` begins once `ready` holds. */
function run(t: TestContext, code: string, destination: object, ready: () => boolean = () => true): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM + code], {
    cwd: new URL('../../..', import.meta.url),
    env: { DESTINATION: JSON.stringify(destination) },
  });
  t.after(() => child.kill('SIGKILL'));
  void until(ready, 'the program is ready').finally(() => child.stdin.end());
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += chunk));
  child.stderr.on('data', (chunk) => (text.stderr += chunk));
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, ...text, millis: performance.now() - startedAt })),
  );
}

function use(t: TestContext, server: FaultServer): FaultServer {
  t.after(() => server.close());
  return server;
}

test('a request that nobody answers does not hold the process', async (t) => {
  const server = use(t, await startTcpServer(() => undefined));
  for (const url of [server.url, server.url.replace('127.0.0.1', 'localhost'), server.url.replace('http:', 'https:')]) {
    const before = server.connections();
    const { code, millis, stderr } = await run(t, 'await told();', { url }, () => server.connections() > before);
    assert.equal(code, 0, stderr);
    assert.ok(millis < LIMIT_MILLIS, `${url}: ${millis} ms`);
  }
});

test('an answer that drips does not hold the process', async (t) => {
  const server = await startTcpServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n');
    const drip = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  use(t, server);
  const { code, millis } = await run(t, 'await told();', { url: server.url }, () => server.connections() > 0);
  assert.equal(code, 0);
  assert.ok(millis < LIMIT_MILLIS, `${millis} ms`);
});

test('neither a retry nor an idle connection holds the process', async (t) => {
  const busy = use(t, await startServer((_, response) => response.writeHead(503).end()));
  const healthy = use(t, await startServer((_, response) => response.end()));
  for (const { url } of [busy, healthy]) {
    const { code, millis, stdout, stderr } = await run(t, 'await until(({ state }) => state !== "unused");', { url });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
    assert.ok(millis < LIMIT_MILLIS, `${millis} ms`);
  }
  assert.ok(busy.requests.length > 0 && healthy.requests.length > 0);
});

test('an awaited drain at the top level holds the process until its deadline, not with exit code 13', async (t) => {
  const server = use(t, await startTcpServer(() => undefined));
  const code = `
    const startedAt = performance.now();
    const { status } = await output.drain(createDeadline(400));
    const tookMillis = performance.now() - startedAt;
    output.close();
    console.log(status, tookMillis >= 390 && tookMillis < 2000);
  `;
  const ended = await run(t, code, { url: server.url });
  assert.deepEqual([ended.code, ended.stdout], [0, 'late true\n']);
});

test('a refused credential is one line with the remedy and without the credential, however often it is tried', async (t) => {
  const server = use(
    t,
    await startServer((_, response) => response.writeHead(401).end('no such token: glc_very_secret')),
  );
  const code =
    'for (let index = 0; index < 30; index += 1) { endSpan(); await sleep(50); } await until(({ state }) => state === "failing"); output.close();';
  const { stderr } = await run(t, code, { url: server.url, headers: { authorization: 'Bearer glc_very_secret' } });
  assert.equal(stderr.split('\n').length, 2, stderr);
  assert.match(
    stderr,
    /^DUOTEL_EXPORT_FAILED traces not accepted by http:\/\/localhost:\d+\/v1\/traces: 401 Unauthorized: no such token: \[secret\]\./,
  );
  assert.match(stderr, /OTEL_EXPORTER_OTLP_HEADERS/);
  assert.doesNotMatch(stderr, /glc_very_secret/);
});

test('a destination nobody listens at is one line that asks for the collector', async (t) => {
  const { stderr, code } = await run(t, 'await until(({ state }) => state === "failing"); output.close();', {
    url: await refusedUrl(),
  });
  assert.equal(code, 0);
  assert.equal(stderr.split('\n').length, 2, stderr);
  assert.match(stderr, /ECONNREFUSED.*Lost so far: 1 item\. Check that a collector is running there/);
});

test('recovery is one line that counts the loss', async (t) => {
  let tried = 0;
  const server = use(t, await startServer((_, response) => response.writeHead(++tried === 1 ? 400 : 200).end()));
  const code = `
    await until(({ droppedItems }) => droppedItems.rejected === 1);
    endSpan();
    await until(({ sentItems }) => sentItems === 1);
    output.close();
  `;
  const { stderr } = await run(t, code, { url: server.url });
  const [failed, recovered, ...rest] = stderr.split('\n');
  assert.match(failed ?? '', /^DUOTEL_EXPORT_FAILED .*400 Bad Request/);
  assert.match(
    recovered ?? '',
    /^DUOTEL_EXPORT_RECOVERED http:\/\/localhost:\d+ accepts telemetry again\. Lost meanwhile: 1 item\.$/,
  );
  assert.deepEqual(rest, ['']);
});

test(
  'a destination that was never configured right says which kind of certificate it misses',
  { skip: NO_OPENSSL },
  async (t) => {
    const certificates = createCertificates();
    t.after(() => certificates.remove());
    const { read, certFile, keyFile } = certificates;
    const server = use(
      t,
      await startServer((_, response) => response.end(), {
        cert: read(certFile('server')),
        key: read(keyFile('server')),
      }),
    );
    const { stderr } = await run(t, 'await until(({ state }) => state === "failing"); await processor.shutdown();', {
      url: server.url,
    });
    assert.equal(stderr.split('\n').length, 2, stderr);
    assert.match(stderr, /UNABLE_TO_VERIFY_LEAF_SIGNATURE.*OTEL_EXPORTER_OTLP_CERTIFICATE/);
  },
);

test('nothing heavy is loaded before the first export', async (t) => {
  const program = `
    import { writeSync } from 'node:fs';
    import '${source('outputs/otlp.ts')}';
    const loaded = process.moduleLoadList.filter((name) => /NativeModule (http|https|tls|zlib)$/.test(name));
    writeSync(1, JSON.stringify(loaded));
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('../../..', import.meta.url),
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(stdout, '[]');
});
