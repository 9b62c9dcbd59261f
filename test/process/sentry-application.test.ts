/**
 * Programs with a Sentry of their own: never initialised, initialised before us, after us, or asking for spans. Whoever
 * sends, each error is one event, on the trace of its span, with what every captured error has.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';
import { eventsOf, idsOf, messageOf, WITH_SENTRY } from '../support/sentry-events.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

type ModuleType = 'mjs' | 'cjs';

const env = (more: Readonly<Record<string, string>> = {}) => ({
  OTEL_SERVICE_NAME: 'shop',
  OTEL_METRIC_EXPORT_INTERVAL: '3600000',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  DUOTEL_SENTRY_TRACES: 'off',
  SENTRY_DSN: receiver.dsn,
  APP_DSN: receiver.dsn,
  // On a machine that runs all tests at once a thread may take longer to start than an exit may take.
  DUOTEL_SHUTDOWN_TIMEOUT: '3000',
  ...more,
});

const NAMES = { Sentry: '@sentry/node', duotel: 'duotel', api: '@opentelemetry/api' } as const;

/** The program in either format; `Sentry`, `duotel` and `api` are what it imports. */
function program(body: string, type: ModuleType, names: readonly (keyof typeof NAMES)[] = ['Sentry', 'api']): string {
  const imports = names.map((name) =>
    type === 'mjs' ? `import * as ${name} from '${NAMES[name]}';` : `const ${name} = require('${NAMES[name]}');`,
  );
  return `${imports.join('\n')}\n${body}`;
}

const IN_SPAN = `
  const inSpan = (work) => api.trace.getTracer('t').startActiveSpan('work', (span) => { work(); span.end(); });`;
const INIT = `Sentry.init({ dsn: process.env.APP_DSN });`;

const run = (code: string, type: ModuleType, more: Readonly<Record<string, string>> = {}) =>
  runApp({ code, type, packages: WITH_SENTRY, env: env(more) });

/** Who starts what, and in which order. */
const CASES: Readonly<Record<string, string>> = {
  'only imported': '',
  'initialised after us': INIT,
  'touched, then initialised': `Sentry.setTag('early', 'yes'); ${INIT}`,
};

for (const type of ['mjs', 'cjs'] as const) {
  suite(`Sentry of the application, ${type}`, () => {
    for (const [name, beginning] of Object.entries(CASES)) {
      test(`${name}: errors and log lines are on the trace, classified, once, and nothing is said`, async () => {
        const body = `${beginning} ${IN_SPAN}
          Sentry.setUser({ id: 'u1' });
          inSpan(() => {
            const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
            Sentry.captureException(error);
            Sentry.captureException(error);
            Sentry.captureMessage('a message');
            Sentry.logger.info('a line');
          });`;
        const { code, stderr } = await run(program(body, type), type);
        assert.deepEqual([code, stderr], [0, '']);
        const events = eventsOf(receiver);
        assert.equal(events.length, 2);
        const [error, message] = [events.find((event) => event.exception), events.find((event) => event.message)];
        const { traceId, spanId } = receiver.spans.find((span) => span.name === 'work') ?? {};
        assert.deepEqual(idsOf(error ?? {}), { traceId, spanId });
        assert.equal(error?.tags?.['error.category'], 'network');
        assert.equal(error?.user?.id, 'u1');
        assert.ok(error?.contexts?.['error_classification']);
        assert.equal(message?.message, 'a message');
        assert.equal(idsOf(message ?? {}).traceId, traceId);
        const lines = receiver.envelopeItems('log') as { readonly items: readonly { trace_id: string }[] }[];
        assert.equal(lines[0]?.items[0]?.trace_id, traceId);
        assert.equal(receiver.spans.length, 1, 'requests to Sentry are no spans');
        assert.deepEqual([...receiver.envelopeItems('span'), ...receiver.envelopeItems('transaction')], []);
      });
    }

    test('an error given to both doors, in either order or wrapped, is one event', async () => {
      for (const beginning of ['', INIT]) {
        receiver.clear();
        const body = `${beginning}
          const [a, b, c] = ['a', 'b', 'c'].map((text) => new Error(text));
          Sentry.captureException(a); duotel.captureError(a);
          duotel.captureError(b); Sentry.captureException(b);
          duotel.captureError(c); Sentry.captureException(new Error('wrapped', { cause: c }));`;
        const { stderr } = await run(program(body, type, ['Sentry', 'duotel']), type);
        assert.equal(stderr, '');
        assert.deepEqual(eventsOf(receiver).map(messageOf).toSorted(), ['a', 'b', 'c']);
      }
    });

    test('a crash is one event, sent before the end, whoever sends; code and stderr are those without us', async () => {
      for (const beginning of [`Sentry.setTag('early', 'yes');`, INIT]) {
        for (const thrown of [`new Error('boom')`, `'a text'`]) {
          const code = program(`${beginning} setTimeout(() => { throw ${thrown}; }, 5);`, type, ['Sentry']);
          const nodeArgs = ['--import', 'data:text/javascript,'];
          const control = await runApp({ code, type, packages: WITH_SENTRY, nodeArgs, env: env() });
          receiver.clear();
          const result = await run(code, type);
          assert.equal(result.code, control.code);
          assert.equal(anonymous(result.stderr), anonymous(control.stderr), beginning);
          assert.equal(eventsOf(receiver).length, 1, `${beginning} ${thrown}`);
        }
      }
    });
  });
}

const anonymous = (text: string): string => text.replaceAll(/\/\S*duotel-app-\w+/g, '<folder>');

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
