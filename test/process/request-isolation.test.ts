/** Requests under way at the same time keep their ids, users and tags apart, on spans and log records alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import {
  askAllAtOnce,
  checkIsolation,
  CONCURRENT,
  isolationServer,
  PLAIN_LISTENER,
} from '../support/request-isolation.ts';
import { startApp } from '../support/run-app.ts';

test(`${CONCURRENT} concurrent requests never mix through awaits, timers, streams and callbacks`, async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const app = startApp({
    code: isolationServer(PLAIN_LISTENER),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_METRICS_EXPORTER: 'none' },
  });
  t.after(() => app.child.kill('SIGKILL'));
  const ids = await askAllAtOnce(Number((await app.line(/^(\d+)\n/))[1]));
  app.child.kill('SIGTERM');
  const { stderr } = await app.ended;
  await checkIsolation(receiver, ids);
  assert.equal(stderr, '');
});
