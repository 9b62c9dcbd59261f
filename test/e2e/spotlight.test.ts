/** Envelopes of every kind are read by Spotlight, Sentry's own receiver for development. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithout, waitFor } from '../support/backends.ts';
import { runApp } from '../support/run-app.ts';
import { startSpotlight } from '../support/spotlight.ts';

const skip = skipWithout('spotlight');

const PROGRAM = `
  const { withSpan, captureError } = require('duotel');
  const { sentryMetrics, sentryLog, checkIn } = require('duotel/sentry');
  withSpan('root', () => withSpan('child', () => {
    captureError(new TypeError('seen by Spotlight'));
    sentryMetrics.count('questions.generated', 2, { attributes: { provider: 'acme' } });
    sentryLog('warn', 'a log');
    checkIn('nightly', 'ok', { monitor: { schedule: '0 3 * * *' } });
  }));`;

test('events, transactions, metrics, logs and check-ins arrive with one trace id', { skip }, async (t) => {
  const spotlight = await startSpotlight(t);
  const { stderr } = await runApp({
    code: PROGRAM,
    type: 'cjs',
    env: {
      OTEL_SERVICE_NAME: 'shop',
      DUOTEL_RUNTIME_METRICS: 'off',
      SENTRY_DSN: spotlight.dsn,
      SENTRY_TRACES_SAMPLE_RATE: '1',
      DUOTEL_SENTRY_TRACES: 'transactions',
    },
  });
  assert.equal(stderr, '');
  const items = await waitFor('all items at Spotlight', async () => {
    const all = await spotlight.items();
    return ['event', 'transaction', 'trace_metric', 'log', 'check_in'].every((type) => all.has(type)) ? all : undefined;
  });
  const text = (type: string): string => JSON.stringify(items.get(type));
  const [transaction] = items.get('transaction') ?? [];
  assert.ok(transaction);
  const { trace } = transaction['contexts'] as { trace: { trace_id: string } };
  for (const type of items.keys()) assert.ok(text(type).includes(trace.trace_id), `${type}: ${text(type)}`);
  assert.match(text('event'), /seen by Spotlight/);
  assert.match(text('trace_metric'), /questions\.generated/);
  assert.match(text('log'), /a log/);
  assert.match(text('check_in'), /nightly/);
});
