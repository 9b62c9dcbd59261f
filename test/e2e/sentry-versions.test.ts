/**
 * Versions of Sentry that cannot be joined: one line, and everything else works.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { installPacked } from '../support/backends-package.ts';
import { runApp } from '../support/run-app.ts';
import { eventsOf, messageOf } from '../support/sentry-events.ts';

let receiver: Receiver;
let folder: string;
const cleanUps: (() => unknown)[] = [];
before(async () => {
  receiver = await startReceiver();
  // npm refuses the pair; package managers that only warn do not.
  process.env['npm_config_legacy_peer_deps'] = 'true';
  const owner = { after: (cleanUp: () => unknown) => cleanUps.push(cleanUp) };
  folder = await installPacked(owner, ['@opentelemetry/api@1.10.0', '@sentry/node@10.30.0']);
});
after(async () => {
  await receiver.close();
  for (const cleanUp of cleanUps) await cleanUp();
});

test('an application with Sentry 10 keeps it: one line, and no error is sent twice', { timeout: 60_000 }, async () => {
  const { code, stderr } = await runApp({
    folder,
    type: 'cjs',
    nodeArgs: ['--import', 'duotel/register'],
    code: `
      const Sentry = require('@sentry/node');
      const { captureError } = require('duotel');
      Sentry.init({ dsn: process.env.APP_DSN, skipOpenTelemetrySetup: true, defaultIntegrations: false });
      Sentry.captureException(new Error('theirs'));
      captureError(new Error('ours'));`,
    env: {
      OTEL_SERVICE_NAME: 'shop',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      SENTRY_DSN: receiver.dsn,
      APP_DSN: receiver.dsn,
    },
  });
  assert.equal(code, 0);
  assert.match(stderr, /^DUOTEL_SENTRY_UNLINKED The application uses Sentry 10\.\d+\.\d+, .*\n$/);
  assert.deepEqual(eventsOf(receiver).map(messageOf).toSorted(), ['ours', 'theirs']);
  assert.equal(receiver.logs.length, 1);
});
