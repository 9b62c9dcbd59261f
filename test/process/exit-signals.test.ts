/**
 * Ends by a signal: what is queued is delivered, and the signal does to the process what it would do without us.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { type AppResult, runApp, startApp } from '../support/run-app.ts';

const IMPORT = `import { forget, hooks, queue } from '${join(ROOT, 'test/support/exit-app.ts')}';\n`;
/** Queues an item and stays alive. */
const STAY = `queue('a'); const stay = setInterval(() => {}, 1000);\n`;
const READY = `\nconsole.log('ready');`;
/** A loaded machine may take this much longer than promised. */
const MARGIN_MILLIS = 700;

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const names = () => receiver.spans.map((span) => span.name).sort();

interface Ended extends AppResult {
  /** From the last signal to the end. */
  readonly sinceSignalMillis: number;
}

/** Runs a program until it is ready, then sends it signals. */
async function signalled(
  code: string,
  signals: readonly NodeJS.Signals[],
  env: Record<string, string> = { EXIT_ENDPOINT: receiver.url },
): Promise<Ended> {
  const app = startApp({ code: code.includes('ready') ? IMPORT + code : IMPORT + code + READY, nodeArgs: [], env });
  await app.line(/ready/);
  let sentAt = performance.now();
  for (const [index, signal] of signals.entries()) {
    // The second one comes while the flush of the first is under way.
    if (index > 0) await receiver.waitFor({ requests: 1 });
    sentAt = performance.now();
    app.child.kill(signal);
  }
  const result = await app.ended;
  return { ...result, sinceSignalMillis: performance.now() - sentAt };
}

const said = ({ code, signal, stdout, stderr }: AppResult) => ({ code, signal, stdout, stderr });

/** Runs a program with and without us. */
async function compare(code: string, signal: NodeJS.Signals): Promise<void> {
  const control = await signalled(code, [signal], {});
  assert.deepEqual(said(await signalled(code, [signal])), said(control));
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`T4 ${signal} without a listener of the host: delivered, and the process dies by the signal`, async () => {
    const result = await signalled(STAY, [signal]);
    assert.deepEqual(said(result), { code: null, signal, stdout: 'ready\n', stderr: '' });
    assert.deepEqual(names(), ['a']);
  });
}

const HOSTS: Readonly<Record<string, string>> = {
  'T5 a listener that drains and exits 7': `process.on('SIGTERM', () => { setTimeout(() => { queue('b'); process.exit(7); }, 300); });`,
  'a listener by once()': `process.once('SIGTERM', () => setTimeout(() => { queue('b'); process.exit(7); }, 50));`,
  'a listener by prependListener()': `process.prependListener('SIGTERM', () => { queue('b'); process.exit(7); });`,
  'a listener by prependOnceListener()': `process.prependOnceListener('SIGTERM', () => setTimeout(() => { queue('b'); process.exit(7); }, 50));`,
  'a listener that was there before us': `process.on('SIGTERM', () => { queue('b'); process.exit(7); });`,
  'a listener that lets the program end by itself': `process.on('SIGTERM', () => { queue('b'); clearInterval(stay); process.exitCode = 7; });`,
};
for (const [host, code] of Object.entries(HOSTS)) {
  test(`${host}: the host decides, and everything is delivered`, async () => {
    await compare(host.includes('before us') ? code + STAY : STAY + code, 'SIGTERM');
    // A request whose answer is still missing when the host exits is sent again.
    assert.deepEqual([...new Set(names())], ['a', 'b']);
  });
}

test('a listener that was removed again: the process dies by the signal', async () => {
  const variants = [
    `const on = () => process.exit(1); process.on('SIGTERM', on); process.off('SIGTERM', on);`,
    `process.on('SIGTERM', () => process.exit(1)); process.removeAllListeners('SIGTERM');`,
    // Removed in the very turn of the event loop in which the signal arrives.
    `const on = () => process.exit(1); process.on('SIGTERM', on); setInterval(() => { process.on('SIGINT', on); process.off('SIGINT', on); process.off('SIGTERM', on); }, 0);`,
  ];
  for (const variant of variants) {
    receiver.clear();
    await compare(
      `queue('a'); const stay = setInterval(() => {}, 1000); ${variant} setTimeout(() => console.log('ready'), 20);`,
      'SIGTERM',
    );
  }
  assert.deepEqual(names(), ['a']);
});

test('a listener added while we flush gets the signal', async () => {
  const release = receiver.fault({ delayMillis: 300 });
  const result = await signalled(
    `${STAY} setInterval(() => { if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', () => process.exit(6)); }, 5);`,
    ['SIGTERM'],
  );
  release();
  assert.deepEqual([result.code, result.signal, names()], [6, null, ['a']]);
});

test('a host that survives signals survives them, and each time what is queued is delivered', async () => {
  const app = startApp({
    code: `${IMPORT}${STAY} let n = 0; process.on('SIGHUP', () => { n += 1; console.log('seen', n); setTimeout(() => { queue('b' + n); console.log('queued', n); }, 300); });${READY}`,
    nodeArgs: [],
    env: { EXIT_ENDPOINT: receiver.url },
  });
  await app.line(/ready/);
  app.child.kill('SIGHUP');
  await app.line(/queued 1/);
  app.child.kill('SIGHUP');
  await app.line(/queued 2/);
  await receiver.waitFor({ spans: 2 });
  app.child.kill('SIGTERM');
  const { signal, stdout } = await app.ended;
  assert.deepEqual([signal, stdout], ['SIGTERM', 'ready\nseen 1\nqueued 1\nseen 2\nqueued 2\n']);
  assert.deepEqual(names(), ['a', 'b1', 'b2']);
});

for (const second of ['SIGINT', 'SIGTERM'] as const) {
  test(`T6 ${second} after SIGINT, against an endpoint that never answers, ends the process at once`, async () => {
    const release = receiver.fault({ hang: true });
    const result = await signalled(STAY, ['SIGINT', second], { EXIT_ENDPOINT: receiver.url, EXIT_BUDGET: '15000' });
    release();
    assert.equal(result.signal, second);
    assert.ok(result.sinceSignalMillis < 200 + MARGIN_MILLIS, `${result.sinceSignalMillis} ms`);
  });
}

test('an endpoint that never answers costs a signal its budget and no more, and the loss is said', async () => {
  const release = receiver.fault({ hang: true });
  const result = await signalled(STAY, ['SIGTERM'], { EXIT_ENDPOINT: receiver.url, EXIT_BUDGET: '500' });
  release();
  assert.equal(result.signal, 'SIGTERM');
  assert.match(result.stderr, /^DUOTEL_EXIT_LOSS 1 item [^\n]*\n$/);
  assert.ok(result.sinceSignalMillis < 500 + MARGIN_MILLIS, `${result.sinceSignalMillis} ms`);
});

/** As signal-exit 4 does it: raises the signal again only if its own listeners are the only ones, in the same call. */
const SIGNAL_EXIT = (emitter: string, onExit: string): string => `
const emitter = ${emitter} = { count: 1 };
const listener = () => {
  if (process.listeners('SIGTERM').length !== emitter.count) return;
  process.off('SIGTERM', listener); emitter.count -= 1;
  if (${onExit} !== true) process.kill(process.pid, 'SIGTERM');
};
process.on('SIGTERM', listener);\n`;
const EMITTERS = {
  'signal-exit 4': `globalThis[Symbol.for('signal-exit emitter')]`,
  'signal-exit 3': 'process.__signal_exit_emitter__',
};
for (const [name, emitter] of Object.entries(EMITTERS)) {
  for (const order of ['before', 'after'] as const) {
    test(`${name}, loaded ${order} the first item, cleans up, and the process dies by the signal with all delivered`, async () => {
      const exiter = SIGNAL_EXIT(emitter, `console.log('cleaned')`);
      const code = order === 'before' ? exiter + STAY : `queue('a');${exiter}${STAY.replace(`queue('a');`, '')}`;
      await compare(code, 'SIGTERM');
      assert.deepEqual(names(), ['a']);
    });
  }
}

test('a signal-exit that stood back because it ran before ours gets the signal again', async () => {
  const exiter = SIGNAL_EXIT(EMITTERS['signal-exit 4'], `console.log('cleaned')`).replace(
    'process.on(',
    'process.prependListener(',
  );
  await compare(STAY + exiter, 'SIGTERM');
  assert.deepEqual(names(), ['a']);
});

test('a signal-exit whose callback keeps the process alive is not overruled', async () => {
  const exiter = SIGNAL_EXIT(EMITTERS['signal-exit 4'], `(setTimeout(() => process.exit(8), 200), true)`);
  await compare(exiter + STAY, 'SIGTERM');
  assert.deepEqual(names(), ['a']);
});

test('beside signal-exit, a listener of the host decides', async () => {
  const exiter = SIGNAL_EXIT(EMITTERS['signal-exit 4'], `console.log('cleaned')`);
  await compare(`${exiter}${STAY} process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100));`, 'SIGTERM');
  assert.deepEqual(names(), ['a']);
});

test('listeners exist only while something is unsent', async () => {
  const result = await runApp({
    code: `${IMPORT}
      const counts = () => console.log(['SIGTERM', 'SIGINT', 'SIGHUP'].map((name) => process.listenerCount(name)).join());
      counts(); queue('a'); counts(); queue('b'); counts();
      process.on('SIGHUP', () => {}); hooks.remove(); setImmediate(counts);`,
    nodeArgs: [],
    env: { EXIT_ENDPOINT: receiver.url },
  });
  assert.equal(result.stdout, '0,0,0\n1,1,1\n1,1,1\n0,0,1\n');
  const app = startApp({
    code: `${IMPORT}${STAY} process.once('SIGHUP', () => setInterval(() => { if (process.listenerCount('SIGTERM') === 0) console.log('gone'); }, 20));${READY}`,
    nodeArgs: [],
    env: { EXIT_ENDPOINT: receiver.url },
  });
  await app.line(/ready/);
  app.child.kill('SIGHUP');
  await receiver.waitFor(() => names().length === 1);
  await app.line(/gone/);
  app.child.kill('SIGKILL');
  await app.ended;
});

test('a signal that arrives in the turn in which the last item is delivered, or we end, is not swallowed', async () => {
  for (const end of ['forget()', 'hooks.remove()']) {
    const code = `${STAY} console.log('ready'); process.kill(process.pid, 'SIGTERM'); ${end};`;
    const { signal } = await runApp({
      code: IMPORT + code,
      nodeArgs: [],
      env: { EXIT_ENDPOINT: receiver.url },
      timeoutMillis: 5000,
    });
    assert.equal(signal, 'SIGTERM', end);
  }
});

test('DUOTEL_SIGNALS=off: no listener, ever, and the signal ends the process without a delivery', async () => {
  const result = await signalled(`${STAY} console.log(process.listenerCount('SIGTERM'), 'ready');`, ['SIGTERM'], {
    EXIT_ENDPOINT: receiver.url,
    EXIT_SIGNALS: 'off',
  });
  assert.deepEqual([result.signal, result.stdout, names()], ['SIGTERM', '0 ready\n', []]);
});

test('a cluster worker that gets SIGTERM ends as without us, as its primary sees it', async () => {
  const code = `import cluster from 'node:cluster';
    if (cluster.isPrimary) {
      cluster.on('exit', (_, exitCode, signal) => console.log('worker', exitCode, signal));
      cluster.fork().on('message', function () { this.process.kill('SIGTERM'); }); console.log('ready');
    } else { queue('in a worker'); setInterval(() => {}, 1000); process.send('up'); }`;
  const run = (env: Record<string, string>) => runApp({ code: IMPORT + code, nodeArgs: [], env });
  const control = await run({});
  assert.deepEqual(said(await run({ EXIT_ENDPOINT: receiver.url })), said(control));
  assert.match(control.stdout, /worker null SIGTERM/);
  assert.deepEqual(names(), ['in a worker']);
});

test('a process that was stopped and continued while it flushes still ends by the signal', async () => {
  const release = receiver.fault({ delayMillis: 200 });
  const app = startApp({ code: IMPORT + STAY + READY, nodeArgs: [], env: { EXIT_ENDPOINT: receiver.url } });
  await app.line(/ready/);
  app.child.kill('SIGTERM');
  await receiver.waitFor({ requests: 1 });
  app.child.kill('SIGSTOP');
  await sleep(50);
  app.child.kill('SIGCONT');
  const { signal } = await app.ended;
  release();
  assert.equal(signal, 'SIGTERM');
});
