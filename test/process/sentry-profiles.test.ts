/**
 * Profiles by the official package of the application. A stand-in with its interface takes its place: the package has
 * native code for each version of Node.js, and must have the very version of `@sentry/node`.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { ROOT } from '../../tools/node-versions.mjs';
import { type AppResult, createAppFolder, runApp } from '../support/run-app.ts';
import { sentryEnvironment } from '../support/sentry-environment.ts';
import { eventsOf } from '../support/sentry-events.ts';

let receiver: Receiver;
let folder: ReturnType<typeof createAppFolder>;
before(async () => {
  receiver = await startReceiver();
  folder = createAppFolder();
  const sentry = join(folder.path, 'node_modules/@sentry');
  mkdirSync(join(sentry, 'profiling-node'), { recursive: true });
  for (const name of ['core', 'node']) symlinkSync(join(ROOT, 'node_modules/@sentry', name), join(sentry, name));
  writeFileSync(join(sentry, 'profiling-node/index.js'), STAND_IN);
});
beforeEach(() => receiver.clear());
after(async () => {
  folder.remove();
  await receiver.close();
});

/** What `@sentry/profiling-node` 11 does, but for the profile. */
const STAND_IN = `exports.nodeProfilingIntegration = () => {
  let client, isRunning = false;
  return {
    name: 'ProfilingIntegration',
    _profiler: {
      start() {
        const { profileSessionSampleRate: rate, profileLifecycle: lifecycle } = client.getOptions();
        console.log('share', rate);
        isRunning = lifecycle !== 'trace';
      },
      stop() {
        if (isRunning) client.getTransport().send([{}, [[{ type: 'profile_chunk' }, { release: client.getOptions().release }]]]);
        isRunning = false;
      },
    },
    setup(given) { client = given; },
  };
};`;

const env = (more?: Readonly<Record<string, string>>) =>
  sentryEnvironment(receiver, { SENTRY_RELEASE: 'shop@1', SENTRY_PROFILES_SAMPLE_RATE: '0.5', ...more });

const run = (code: string, more?: Readonly<Record<string, string>>): Promise<AppResult> =>
  runApp({ code, type: 'cjs', folder: folder.path, env: env(more) });
const chunks = (): readonly { readonly release?: string }[] =>
  receiver.envelopeItems('profile_chunk') as readonly { readonly release?: string }[];

suite('profiles', () => {
  test('the profiler of an own Sentry.init() has the share of the variable, and nothing is said', async () => {
    const { stderr, stdout } = await run(`
      const Sentry = require('@sentry/node');
      const { nodeProfilingIntegration } = require('@sentry/profiling-node');
      Sentry.init({ dsn: process.env.APP_DSN, release: 'shop@1', integrations: [nodeProfilingIntegration()] });
      Sentry.profiler.startProfiler();
      setTimeout(async () => { Sentry.profiler.stopProfiler(); await Sentry.flush(2000); }, 50);`);
    assert.deepEqual([stderr, stdout], ['', 'share 0.5\n']);
    assert.deepEqual(chunks(), [{ release: 'shop@1' }]);
  });

  for (const [name, code] of Object.entries({
    'no Sentry': '',
    'a Sentry that is only imported': `require('@sentry/node').setTag('a', 'b');`,
    'an init() without the profiler': `require('@sentry/node').init({ dsn: process.env.APP_DSN });`,
  })) {
    test(`${name}: one line with the remedy, and everything else`, async () => {
      const { stderr } = await run(`${code} setTimeout(() => require('duotel').captureError(new Error('x')), 50);`);
      assert.match(stderr, /^DUOTEL_SENTRY_UNPROFILED .*nodeProfilingIntegration\(\).*\n$/);
      assert.equal(eventsOf(receiver).length, 1);
    });
  }

  test('profiles that would need spans of Sentry are one line', async () => {
    const { stderr } = await run(
      `require('@sentry/node').init({ dsn: process.env.APP_DSN, tracesSampleRate: 1, profileLifecycle: 'trace' });`,
      { SENTRY_TRACES_SAMPLE_RATE: '1', SENTRY_PROFILES_SAMPLE_RATE: '0' },
    );
    assert.match(stderr, /^DUOTEL_SENTRY_UNPROFILED Sentry\.init\(\) .* 'manual' .*\n$/);
  });

  test('a share of 0, and no DSN, say nothing', async () => {
    for (const more of [{ SENTRY_PROFILES_SAMPLE_RATE: '0' }, { SENTRY_DSN: '' }]) {
      assert.equal((await run(`setTimeout(() => {}, 50);`, more)).stderr, '');
    }
  });
});
