/**
 * Ends without a signal: everything is delivered, and code, signal and stderr are those of the same program without us.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { createCertificates, NO_OPENSSL } from '../unit/delivery/fault-server.ts';
import { type AppOptions, type AppResult, createAppFolder, runApp } from '../support/run-app.ts';

const IMPORT = `import { queue } from '${join(ROOT, 'test/support/exit-app.ts')}';\n`;
/** A loaded machine may take this much longer than promised. */
const MARGIN_MILLIS = 700;

let receiver: Receiver;
let folder: ReturnType<typeof createAppFolder>;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => {
  receiver.clear();
  folder = createAppFolder();
});
afterEach(() => folder.remove());
after(() => receiver.close());

const ledgerPath = () => join(folder.path, 'ledger');
const ledger = () => readFileSync(ledgerPath(), 'utf8').trim().split('\n').sort();
const names = () => receiver.spans.map((span) => span.name).sort();
const ours = (endpoint = receiver.url) => ({ EXIT_ENDPOINT: endpoint, EXIT_LEDGER: ledgerPath() });

/** The same program with and without us. */
async function compare(
  options: AppOptions,
  endpoint?: string,
): Promise<{ readonly control: AppResult; readonly result: AppResult; readonly overMillis: number }> {
  const prepared = { nodeArgs: [], folder: folder.path, ...options, code: IMPORT + options.code };
  const control = await runApp(prepared);
  const result = await runApp({ ...prepared, env: { ...options.env, ...ours(endpoint) } });
  return { control, result, overMillis: result.millis - control.millis };
}

const said = ({ code, signal, stdout, stderr }: AppResult) => ({ code, signal, stdout, stderr });

test('T2 process.exit(3) delivers everything and keeps its code, 20 times of 20', async () => {
  for (let round = 0; round < 20; round += 1) {
    const result = await runApp({
      code: `${IMPORT} queue('one'); queue('two'); process.exit(3);`,
      nodeArgs: [],
      folder: folder.path,
      env: ours(),
    });
    assert.deepEqual(said(result), { code: 3, signal: null, stdout: '', stderr: '' });
  }
  assert.equal(receiver.spans.length, 40);
  assert.deepEqual(new Set(ledger()), new Set(['one sent', 'two sent']));
});

const ENDS: Readonly<Record<string, string>> = {
  'T3 an uncaught error': `queue('a'); queue('b'); queue('c'); setTimeout(() => { throw new TypeError('mine'); });`,
  'an error while the program loads': `queue('a'); queue('b'); queue('c'); throw new Error('mine');`,
  'an unhandled rejection': `queue('a'); queue('b'); queue('c'); Promise.reject(new Error('mine'));`,
  'a rejection with something that is no error': `queue('a'); queue('b'); queue('c'); Promise.reject({ n: 1 });`,
  'an unsettled top-level await (code 13)': `queue('a'); queue('b'); queue('c'); await new Promise(() => {});`,
  'a natural end': `queue('a'); queue('b'); queue('c'); process.exitCode = 4;`,
  'a natural end with a beforeExit listener of the host': `queue('a'); queue('b'); queue('c'); process.on('beforeExit', () => console.log('before'));`,
  'process.exit() in an exit listener of the host': `queue('a'); queue('b'); queue('c'); process.on('exit', () => process.exit(9));`,
  'process.exit() in a beforeExit listener': `queue('a'); queue('b'); queue('c'); process.on('beforeExit', () => process.exit(5));`,
  'process.exit() after a time': `queue('a'); queue('b'); setTimeout(() => { queue('c'); process.exit(); }, 20);`,
};
for (const [end, code] of Object.entries(ENDS)) {
  test(`${end}: code, stdout and stderr as without us, everything delivered`, async () => {
    const { control, result } = await compare({ code });
    assert.deepEqual(said(result), said(control));
    assert.deepEqual(names(), ['a', 'b', 'c']);
    assert.deepEqual(ledger(), ['a sent', 'b sent', 'c sent']);
  });
}

for (const status of [401, 404, 503]) {
  test(`HTTP ${status}: the exit does not wait for the budget, and one line counts the loss without the credential`, async () => {
    const release = receiver.fault({ status });
    const { control, result } = await compare({
      code: `queue('a', { headers: { 'content-type': 'application/json', authorization: 'Basic c2VjcmV0' } }); queue('b'); process.exit(3);`,
      env: { EXIT_BUDGET: '10000' },
    });
    release();
    assert.deepEqual([result.code, control.stderr], [3, '']);
    assert.equal(
      result.stderr,
      `DUOTEL_EXIT_LOSS 2 items of telemetry were lost at the end of the process: ${receiver.url} answered with HTTP ${status} ${STATUS_CODES[status]}: a fault was asked for.\n`,
    );
    assert.deepEqual(ledger(), ['a dropped', 'b dropped']);
    assert.ok(result.millis < 10_000);
  });
}

test('a refused connection, a name that does not resolve, a reset: the exit goes on at once', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const release = receiver.fault({ reset: true });
  for (const endpoint of [`http://127.0.0.1:${port}`, `http://nowhere.invalid:${port}`, receiver.url]) {
    const { result } = await compare({ code: `queue('a'); process.exit(3);`, env: { EXIT_BUDGET: '10000' } }, endpoint);
    assert.equal(result.code, 3);
    assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item of telemetry was lost [^\n]* failed: [^\n]+\.\n$/);
    assert.ok(result.millis < 10_000, `${endpoint}: ${result.millis} ms`);
  }
  release();
});

for (const fault of [{ hang: true }, { drip: true }] as const) {
  test(`an endpoint with ${JSON.stringify(fault)} costs process.exit() the budget and no more, and the rest is delivered`, async () => {
    const release = receiver.fault({ ...fault, times: 1 });
    const { result, overMillis } = await compare({
      code: `queue('a'); queue('b'); queue('c'); process.exit(3);`,
      env: { EXIT_BUDGET: '400' },
    });
    release();
    assert.equal(result.code, 3);
    assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item [^\n]* did not answer within 400 ms\.\n$/);
    assert.ok(overMillis < 400 + MARGIN_MILLIS, `${overMillis} ms`);
    assert.equal(ledger().filter((line) => line.endsWith(' sent')).length, 2);
    assert.equal(names().length, 2);
  });
}

test('the natural end does not pay twice: after a drain on the loop that failed, nothing is tried again', async () => {
  const release = receiver.fault({ hang: true });
  const { result, overMillis } = await compare({ code: `queue('a');`, env: { EXIT_BUDGET: '1000' } });
  release();
  assert.equal(result.code, 0);
  assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item/);
  assert.equal(receiver.requests.length, 1);
  assert.ok(overMillis < 1000 + MARGIN_MILLIS, `${overMillis} ms`);
});

test('an answer cut off in its middle does not count as sent', async () => {
  const release = receiver.fault({ resetMidBody: true });
  await compare({ code: `queue('a'); process.exit(3);` });
  release();
  assert.deepEqual(ledger(), ['a dropped']);
});

test('node --test: output and code as without us, everything delivered', async () => {
  const { control, result } = await compare({
    code: `import { test } from 'node:test'; test('x', () => queue('in a test')); test('y', { todo: true }, () => { throw new Error('no'); });`,
    nodeArgs: ['--test', '--test-reporter=tap'],
  });
  const withoutTimes = (text: string): string => text.replaceAll(/duration_ms:? [\d.]+/g, 'duration_ms');
  assert.deepEqual([result.code, withoutTimes(result.stdout)], [control.code, withoutTimes(control.stdout)]);
  assert.deepEqual(names(), ['in a test']);
});

test('--permission without worker threads: the exit is unharmed and the loss is said; the natural end delivers', async () => {
  const nodeArgs = ['--no-warnings', '--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-net'].filter(
    (argument) => argument !== '--allow-net' || process.allowedNodeEnvironmentFlags.has(argument),
  );
  const exited = await compare({ code: `queue('a'); process.exit(3);`, nodeArgs });
  assert.deepEqual([exited.result.code, exited.control.code], [3, 3]);
  assert.match(
    exited.result.stderr.replace(exited.control.stderr, ''),
    /^DUOTEL_EXIT_LOSS 1 item [^\n]*--allow-worker/,
  );
  const ended = await compare({ code: `queue('b');`, nodeArgs });
  assert.deepEqual(said(ended.result), said(ended.control));
  assert.deepEqual(names(), ['b']);
});

test('a worker thread that calls process.exit() delivers too', async () => {
  const { control, result } = await compare({
    code: `import { Worker, isMainThread } from 'node:worker_threads';
      if (isMainThread) new Worker(new URL(import.meta.url)); else { queue('in a worker'); process.exit(2); }`,
  });
  assert.deepEqual(said(result), said(control));
  assert.deepEqual(names(), ['in a worker']);
});

test('a large body inside a larger buffer arrives whole', async () => {
  const { result } = await compare({
    code: `queue('big', { body: Buffer.concat([Buffer.alloc(100), Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [
        { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'x'.repeat(2_000_000), startTimeUnixNano: '1', endTimeUnixNano: '2' }] }] }] }))]).subarray(100) });
      process.exit(0);`,
    env: { EXIT_BUDGET: '10000' },
  });
  assert.deepEqual([result.code, result.stderr, receiver.spans[0]?.name.length], [0, '', 2_000_000]);
});

test('an address resolved ahead is used instead of a look-up, and the Host header keeps the name', async () => {
  const { port } = new URL(receiver.url);
  const { result } = await compare(
    { code: `queue('a', { address: '127.0.0.1' }); process.exit(0);` },
    `http://collector.invalid:${port}`,
  );
  assert.deepEqual([result.code, result.stderr, names()], [0, '', ['a']]);
  assert.equal(receiver.requests[0]?.headers['host'], `collector.invalid:${port}`);
});

test(
  'TLS: a configured authority and client certificate are used, an unknown authority ends the exit at once',
  { skip: NO_OPENSSL },
  async () => {
    const certificates = createCertificates();
    const { caFile, certFile, keyFile, read } = certificates;
    const secure = await startReceiver({
      tls: {
        cert: read(certFile('server')).toString(),
        key: read(keyFile('server')).toString(),
        ca: read(caFile).toString(),
      },
    });
    try {
      const tls = JSON.stringify({ caFile, certFile: certFile('client'), keyFile: keyFile('client') });
      const trusted = await compare(
        { code: `queue('a', { tls: ${tls} }); process.exit(3);`, env: { EXIT_BUDGET: '10000' } },
        secure.url,
      );
      assert.deepEqual([trusted.result.code, trusted.result.stderr, secure.spans.length], [3, '', 1]);
      const unknown = await compare(
        { code: `queue('b'); process.exit(3);`, env: { EXIT_BUDGET: '10000' } },
        secure.url,
      );
      assert.match(unknown.result.stderr, /^DUOTEL_EXIT_LOSS 1 item [^\n]* failed: [^\n]*certificate[^\n]*\.\n$/);
      const missing = await compare(
        { code: `queue('c', { tls: { caFile: '/nowhere' } }); process.exit(3);`, env: { EXIT_BUDGET: '10000' } },
        secure.url,
      );
      assert.deepEqual([missing.result.code, missing.result.millis < 10_000, secure.spans.length], [3, true, 1]);
    } finally {
      await secure.close();
      certificates.remove();
    }
  },
);

test('after remove() no listener is left and nothing is sent', async () => {
  const result = await runApp({
    code: `const count = () => ['exit', 'beforeExit', 'SIGTERM', 'SIGINT', 'SIGHUP', 'removeListener'].map((name) => process.listenerCount(name)).join();
      const before = count();
      const { hooks, queue } = await import('${join(ROOT, 'test/support/exit-app.ts')}');
      queue('a'); const during = count(); hooks.remove(); setImmediate(() => console.log(before === count(), before === during));`,
    nodeArgs: [],
    folder: folder.path,
    env: ours(),
  });
  assert.deepEqual(said(result), { code: 0, signal: null, stdout: 'true false\n', stderr: '' });
  assert.deepEqual(names(), []);
});
