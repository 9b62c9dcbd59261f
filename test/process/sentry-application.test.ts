/**
 * Programs with a Sentry of their own: never initialised, initialised before us, after us, or asking for spans. Whoever
 * sends, each error is one event, on the trace of its span, with what every captured error has.
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
        const message = events.find((event) => event.message !== undefined);
        const error = events.find((event) => event !== message);
        assert.equal(message?.tags?.['error.category'], undefined);
        assert.equal(receiver.logs.length, 1, 'a message is no error');
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

suite('requests', () => {
  for (const [name, beginning] of Object.entries({ 'only imported': '', 'initialised after us': INIT })) {
    test(`${name}: of 200 at a time, each event has user, tags and address of its own request`, async () => {
      const body = `${beginning}
        const http = require('node:http');
        const server = http.createServer(async (request, response) => {
          const n = Number(request.url.split('/').at(-1));
          duotel.setRequestContext({ userId: 'user-' + n, tags: { property_id: 'p' + n } });
          await new Promise((resolve) => setTimeout(resolve, n % 5));
          Sentry.captureException(new Error('order ' + n));
          response.end();
        });
        server.listen(0, '127.0.0.1', async () => {
          const ask = (n) => fetch('http://127.0.0.1:' + server.address().port + '/orders/' + n);
          await Promise.all(Array.from({ length: 200 }, (_, n) => ask(n)));
          await Sentry.flush(5000);
          server.close();
          server.closeAllConnections();
        });`;
      const more = { DUOTEL_ERRORS_PER_MINUTE: '1000' };
      const { stderr, code } = await run(program(body, 'cjs', ['Sentry', 'duotel']), 'cjs', more);
      assert.deepEqual([stderr, code], ['', 0]);
      const events = eventsOf(receiver);
      assert.equal(events.length, 200);
      const traceOf = new Map(
        receiver.spans
          .filter(({ kind }) => kind === 'server')
          .map(({ attributes, traceId }) => [String(attributes['url.path']), traceId]),
      );
      for (const event of events) {
        const n = messageOf(event).slice('order '.length);
        assert.deepEqual(
          [event.user?.id, event.tags?.['property_id'], new URL(event.request?.url ?? '').pathname],
          [`user-${n}`, `p${n}`, `/orders/${n}`],
        );
        assert.equal(idsOf(event).traceId, traceOf.get(`/orders/${n}`));
      }
    });
  }
});
