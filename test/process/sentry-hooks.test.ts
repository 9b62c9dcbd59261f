/**
 * The user's hook about events, whoever sends them: it changes or drops what Sentry gets, and nothing else.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';
import { sentryEnvironment } from '../support/sentry-environment.ts';
import { eventsOf, messageOf, WITH_SENTRY } from '../support/sentry-events.ts';
import { INIT, program } from '../support/sentry-programs.ts';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
after(() => receiver.close());

const run = (beginning: string, body: string) =>
  runApp({
    code: program(`${beginning} ${body}`, 'cjs', ['Sentry', 'duotel']),
    type: 'cjs',
    packages: WITH_SENTRY,
    nodeArgs: [],
    env: sentryEnvironment(receiver),
  });

/** Starts with a hook that drops one error, marks the rest, and puts in a secret. */
const START = `duotel.start({ errors: { beforeSend(event, { originalException }) {
    if (originalException.message === 'mine alone') return null;
    event.tags.seen = 'yes';
    event.extra.password = 'p4ssw0rd-of-mine';
    return event;
  } } });`;

/** Who sends. */
const CASES = {
  'no Sentry in the program': '',
  'one that is only imported': `Sentry.setTag('own', 'yes');`,
  'one that is initialised': INIT,
};

suite('beforeSend', () => {
  for (const [name, use] of Object.entries(CASES)) {
    test(`${name}: events are changed or dropped, log records are not, and secrets that it puts in stay here`, async () => {
      const { code, stderr } = await run(
        `${START} ${use}`,
        `duotel.captureError(new Error('mine alone'));
         duotel.captureError(new TypeError('for all'));
         const { filteredItems } = duotel.start().status().destinations.find(({ signal }) => signal === 'sentry');
         console.error(filteredItems);`,
      );
      // A client of the application has an account of its own.
      assert.deepEqual([code, stderr], [0, use === INIT ? '0\n' : '1\n']);
      const events = eventsOf(receiver);
      assert.deepEqual(events.map(messageOf), ['for all']);
      assert.equal(events[0]?.tags?.['seen'], 'yes');
      assert.equal(events[0]?.tags?.['error.category'], 'unknown');
      assert.equal(receiver.logs.length, 2);
      assert.equal(events[0]?.extra?.['password'], '[redacted]');
      // A client of the application also sends the lines of its source, where this program has the word.
      if (use !== INIT) assert.ok(!JSON.stringify(events).includes('p4ssw0rd-of-mine'));
    });
  }

  test('of an own Sentry.init() stays in force, and comes last', async () => {
    const own = `Sentry.init({ dsn: process.env.APP_DSN, beforeSend(event) {
      if (event.tags.seen !== 'yes' || event.tags['error.category'] !== 'unknown') return null;
      return event.exception.values[0].value === 'theirs' ? null : { ...event, tags: { ...event.tags, last: 'yes' } };
    } });`;
    const { stderr } = await run(
      `${START} ${own}`,
      `duotel.captureError(new Error('theirs')); Sentry.captureException(new TypeError('for all'));`,
    );
    assert.equal(stderr, '');
    assert.deepEqual(
      eventsOf(receiver).map((event) => [messageOf(event), event.tags?.['last']]),
      [['for all', 'yes']],
    );
  });

  test('one that fails in a crash, or captures in turn, costs neither the event nor the end of the program', async () => {
    for (const use of Object.values(CASES)) {
      receiver.clear();
      const { code, stderr } = await run(
        `duotel.start({ errors: { beforeSend(event) {
           duotel.captureError(new RangeError('in turn')); Sentry.getClient()?.captureException(new RangeError('in turn'));
           throw new Error('hook');
         } } }); ${use}`,
        `setTimeout(() => { throw new Error('crash'); }, 5);`,
      );
      assert.equal(code, 1);
      assert.equal(stderr.match(/^DUOTEL_USER_PART_FAILED Option errors\.beforeSend failed: hook\..*$/gm)?.length, 1);
      assert.ok(eventsOf(receiver).map(messageOf).includes('crash'), use);
    }
  });
});
