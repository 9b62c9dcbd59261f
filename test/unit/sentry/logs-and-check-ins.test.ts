import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { levelOf } from '../../../src/sentry/log-levels.ts';
import { SentryLogProcessor } from '../../../src/sentry/log-processor.ts';
import { createItems, OWN, SPAN, TRACE, withoutVersion } from './item-support.ts';

suite('logs', () => {
  test('records from a level on are sent, with trace, time, severity and attributes; secrets are not', async () => {
    const { items, sent } = createItems();
    const provider = new LoggerProvider({ processors: [new SentryLogProcessor('info', () => items)] });
    const logger = provider.getLogger('app');
    const scope = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    logger.emit({ severityNumber: SeverityNumber.DEBUG, body: 'too low' });
    logger.emit({
      severityNumber: SeverityNumber.WARN,
      body: 'disk is full',
      attributes: { 'disk.name': 'sda', password: 'p4ssw0rd-of-mine' },
      context: scope,
      timestamp: 1_600_000_000_250,
    });
    logger.emit({ severityNumber: SeverityNumber.ERROR, body: { structured: true } });
    logger.emit({ body: 'without severity' });
    await provider.forceFlush();
    const [{ header, payload } = assert.fail()] = sent;
    assert.deepEqual(header, { type: 'log', item_count: 3, content_type: 'application/vnd.sentry.items.log+json' });
    const first = withoutVersion(payload.items[0]) as { attributes: Record<string, object> };
    assert.deepEqual(
      { ...first, attributes: undefined },
      {
        timestamp: 1_600_000_000.25,
        trace_id: TRACE,
        level: 'warn',
        severity_number: 13,
        body: 'disk is full',
        attributes: undefined,
      },
    );
    assert.deepEqual(first.attributes['sentry.trace.parent_span_id'], { value: SPAN, type: 'string' });
    assert.deepEqual(first.attributes['disk.name'], { value: 'sda', type: 'string' });
    assert.deepEqual(
      payload.items.map(({ level, body }) => [level, body]),
      [
        ['warn', 'disk is full'],
        ['error', '{"structured":true}'],
        ['info', 'without severity'],
      ],
    );
    assert.ok(!JSON.stringify(sent).includes('p4ssw0rd-of-mine'));
  });

  test('severities are the level they begin with', () => {
    assert.deepEqual([undefined, 0, 1, 4, 5, 9, 12, 13, 17, 20, 21, 24].map(levelOf), [
      'info',
      'info',
      'trace',
      'trace',
      'debug',
      'info',
      'info',
      'warn',
      'error',
      'error',
      'fatal',
      'fatal',
    ]);
  });

  test('half a character is no character', () => {
    const { items, sent } = createItems();
    items.log({ level: 'info', message: `${'x'.repeat(8191)}😀` });
    items.flush();
    assert.ok(String(sent[0]?.payload.items[0]?.['body']).isWellFormed());
  });
});

suite('check-ins', () => {
  test('a run begins and ends with one id; the first can create the monitor', () => {
    const { items, sent } = createItems();
    const id = items.checkIn({
      name: 'nightly',
      status: 'in_progress',
      monitor: {
        schedule: '0 3 * * *',
        timezone: 'Europe/Berlin',
        marginMinutes: 5,
        maxRuntimeMinutes: 30,
        failureThreshold: 2,
        recoveryThreshold: 3,
      },
    });
    assert.equal(id, OWN);
    items.checkIn({ name: 'nightly', status: 'ok', id, durationMillis: 1500 });
    items.checkIn({ name: 'hourly', status: 'error', monitor: { schedule: { every: 2, unit: 'hour' } } });
    const payloads = sent.map(({ payload }) => payload as unknown as Record<string, unknown>);
    assert.deepEqual(payloads[0], {
      check_in_id: OWN,
      monitor_slug: 'nightly',
      status: 'in_progress',
      release: '1.2.3',
      environment: 'test',
      monitor_config: {
        schedule: { type: 'crontab', value: '0 3 * * *' },
        timezone: 'Europe/Berlin',
        checkin_margin: 5,
        max_runtime: 30,
        failure_issue_threshold: 2,
        recovery_threshold: 3,
      },
    });
    assert.equal(payloads[1]?.['duration'], 1.5);
    assert.deepEqual(payloads[2]?.['monitor_config'], { schedule: { type: 'interval', value: 2, unit: 'hour' } });
    assert.deepEqual(sent[0]?.header, { type: 'check_in' });
  });

  test('one without a monitor or a status is not sent', () => {
    const { items, sent } = createItems();
    assert.equal(items.checkIn({ name: '', status: 'ok' }), undefined);
    assert.equal(items.checkIn({ name: 'a', status: 'done' as 'ok' }), undefined);
    assert.equal(sent.length, 0);
  });
});
