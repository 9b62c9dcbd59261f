/**
 * An application's own Sentry: its options, its order with us, the life of a run, and versions that cannot be joined.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';
import { sentryEnvironment } from '../support/sentry-environment.ts';
import { eventsOf, idsOf, messageOf, WITH_SENTRY } from '../support/sentry-events.ts';
import { IN_SPAN, INIT, type ModuleType, program } from '../support/sentry-programs.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const env = (more?: Readonly<Record<string, string>>) =>
  sentryEnvironment(receiver, { DUOTEL_SENTRY_TRACES: 'off', ...more });

const run = (code: string, type: ModuleType, more: Readonly<Record<string, string>> = {}) =>
  runApp({ code, type, packages: WITH_SENTRY, env: env(more) });

suite('order and options', () => {
  test('Sentry that was initialised before us is joined by start()', async () => {
    const body = `${INIT} duotel.start(); ${IN_SPAN}
      inSpan(() => { Sentry.captureException(new Error('theirs')); duotel.captureError(new Error('ours')); });`;
    const code = program(body, 'cjs', ['Sentry', 'duotel', 'api']);
    const result = await runApp({ code, type: 'cjs', packages: WITH_SENTRY, nodeArgs: [], env: env() });
    assert.deepEqual([result.code, result.stderr], [0, '']);
    const events = eventsOf(receiver);
    assert.deepEqual(events.map(messageOf).toSorted(), ['ours', 'theirs']);
    const { traceId, spanId } = receiver.spans[0] ?? {};
    for (const event of events) assert.deepEqual(idsOf(event), { traceId, spanId });
  });

  test('a DSN in code alone: its client sends what captureError() captures, on the same trace', async () => {
    const body = `${INIT} ${IN_SPAN} inSpan(() => duotel.captureError(new Error('ours')));`;
    const { stderr } = await run(program(body, 'mjs', ['Sentry', 'duotel', 'api']), 'mjs', { SENTRY_DSN: '' });
    assert.equal(stderr, '');
    assert.equal(eventsOf(receiver).length, 1);
    assert.equal(idsOf(eventsOf(receiver)[0] ?? {}).traceId, receiver.spans[0]?.traceId);
  });

  test('spans that its init() asks for are off when ours go to Sentry: one line; the ids stay ours', async () => {
    const body = `Sentry.init({ dsn: process.env.APP_DSN, tracesSampleRate: 1 }); ${IN_SPAN}
      Sentry.startSpan({ name: 'theirs' }, () => inSpan(() => Sentry.captureException(new Error('x'))));`;
    const { stderr } = await run(program(body, 'mjs'), 'mjs', { DUOTEL_SENTRY_TRACES: 'otlp' });
    assert.match(stderr, /^DUOTEL_CONFIG_CONFLICT Sentry\.init\(\) .*\n$/);
    assert.deepEqual([...receiver.envelopeItems('span'), ...receiver.envelopeItems('transaction')], []);
    const work = receiver.spans.find((span) => span.name === 'work');
    assert.equal(idsOf(eventsOf(receiver)[0] ?? {}).traceId, work?.traceId);
  });

  test('a rate of the environment, which its client reads too, makes neither spans nor a line', async () => {
    const body = `${INIT} ${IN_SPAN} inSpan(() => Sentry.captureException(new Error('x')));`;
    const more = { DUOTEL_SENTRY_TRACES: 'otlp', SENTRY_TRACES_SAMPLE_RATE: '1' };
    const { stderr } = await run(program(body, 'mjs'), 'mjs', more);
    assert.equal(stderr, '');
    assert.deepEqual([...receiver.envelopeItems('span'), ...receiver.envelopeItems('transaction')], []);
    assert.equal(idsOf(eventsOf(receiver)[0] ?? {}).traceId, receiver.spans[0]?.traceId);
  });

  test('Sentry.flush() of a program that never initialised it waits for delivery', async () => {
    const body = `Sentry.captureException(new Error('x'));
      console.log(await Sentry.flush(3000));
      const { status } = (await import('duotel')).start();
      console.log(status().destinations.find(({ signal }) => signal === 'sentry').sentItems);`;
    const { stdout } = await run(program(body, 'mjs', ['Sentry']), 'mjs');
    assert.equal(stdout, 'true\n1\n');
  });

  test('a program that has Sentry and never uses it loads none of it', async () => {
    const body = `console.log(Object.getOwnPropertyDescriptor(globalThis, '__SENTRY__').get !== undefined);`;
    const { stdout } = await run(program(body, 'cjs', ['Sentry']), 'cjs');
    assert.equal(stdout, 'true\n');
  });
});

suite('a Sentry that cannot be joined', () => {
  const FAKE = (version: string) => `
    globalThis.__SENTRY__ = globalThis.__SENTRY__ || {};
    globalThis.__SENTRY__.version ??= '${version}';
    duotel.captureError(new Error('handled'));
    setTimeout(() => { throw new Error('uncaught'); }, 20);`;

  test('one that is part of the file of the application is one line, and what it catches itself is not sent twice', async () => {
    const { stderr } = await runApp({
      code: program(FAKE('9.1.0'), 'cjs', ['duotel']),
      type: 'cjs',
      env: env(),
    });
    assert.equal(stderr.match(/^DUOTEL_SENTRY_UNLINKED .*$/gm)?.length, 1, stderr);
    assert.deepEqual(eventsOf(receiver).map(messageOf), ['handled']);
  });

  test('a global that only looks like it is no line', async () => {
    const code = program(`if (globalThis.__SENTRY__) console.log('never');`, 'cjs', ['duotel']);
    const { stderr, stdout } = await runApp({ code, type: 'cjs', env: env() });
    assert.deepEqual([stdout, stderr], ['', '']);
  });
});

suite('life of a run', () => {
  test('a flood of one error is a few events and one that counts the rest, whoever sends', async () => {
    for (const beginning of ['', INIT]) {
      receiver.clear();
      const body = `${beginning}
        for (let each = 0; each < 20; each++) Sentry.captureException(new Error('again'));
        for (let each = 0; each < 20; each++) duotel.captureError(new TypeError('again and again'));
        await duotel.start().shutdown();
        await Sentry.flush(2000);`;
      const more = { DUOTEL_ERRORS_PER_MINUTE: '3' };
      const { stderr } = await run(program(body, 'mjs', ['Sentry', 'duotel']), 'mjs', more);
      assert.equal(stderr, '');
      const events = eventsOf(receiver);
      // Its default filter takes the equal ones for one.
      assert.equal(events.length, beginning === '' ? 8 : 4);
      assert.deepEqual(
        events.map(({ extra }) => extra?.['held_back']).filter((count) => count !== undefined),
        [16, 16],
      );
    }
  });

  test('a second run joins Sentry again, and the first one has no part in it any more', async () => {
    for (const beginning of ['', INIT]) {
      receiver.clear();
      const body = `${beginning}
        Sentry.captureException(new Error('first run'));
        await duotel.start().shutdown();
        Sentry.captureException(new Error('between'));
        duotel.start();
        Sentry.captureException(new Error('second run'));
        await duotel.start().forceFlush();`;
      const { stderr, code } = await run(program(body, 'mjs', ['Sentry', 'duotel']), 'mjs');
      assert.deepEqual([stderr, code], ['', 0]);
      const events = eventsOf(receiver);
      const classified = events.filter(({ contexts }) => contexts?.['error_classification']).map(messageOf);
      assert.deepEqual(classified.toSorted(), ['first run', 'second run']);
      // A client of ours ends with the run; one of the application goes on.
      assert.equal(events.length, beginning === '' ? 2 : 3);
    }
  });

  test('a client of ours that the application closes is replaced; one it switched off stays off', async () => {
    const closing = `Sentry.setTag('a', 'b'); await Sentry.close(500); duotel.captureError(new Error('after'));`;
    await run(program(closing, 'mjs', ['Sentry', 'duotel']), 'mjs');
    assert.deepEqual(eventsOf(receiver).map(messageOf), ['after']);
    receiver.clear();
    const off = `Sentry.init({ dsn: process.env.APP_DSN, enabled: false }); duotel.captureError(new Error('never'));`;
    await run(program(off, 'mjs', ['Sentry', 'duotel']), 'mjs');
    assert.deepEqual(eventsOf(receiver), []);
  });
});
