/** Names and units of the question generator's metrics are those of its service description. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { context } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BATCH_MILLIS, MAX_BATCH_ITEMS } from '../../../src/sentry/item-batch.ts';
import { SentryItems } from '../../../src/sentry/items.ts';
import { levelOf } from '../../../src/sentry/log-levels.ts';
import { SentryLogProcessor } from '../../../src/sentry/log-processor.ts';
import { createVirtualTime } from '../delivery/virtual-time.ts';
import { sentryAt } from './span-support.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const OWN = 'a'.repeat(32);

interface Sent {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: { readonly version: number; readonly items: readonly Record<string, unknown>[] };
}

function fixture() {
  const time = createVirtualTime();
  const sent: Sent[] = [];
  let pending = 0;
  const items = new SentryItems({
    sink: (_, all) => sent.push(...all.map(([header, payload]) => ({ header, payload: payload as Sent['payload'] }))),
    identity: { dsn: sentryAt('http://127.0.0.1:9').dsn, environment: 'test', release: '1.2.3', serverName: 'host' },
    onPending: () => (pending += 1),
    createId: () => OWN,
    now: () => 1_700_000_000_500,
    timer: time.timer,
  });
  return { items, sent, time, pending: () => pending };
}

const COMMON = {
  'sentry.environment': { value: 'test', type: 'string' },
  'sentry.release': { value: '1.2.3', type: 'string' },
  'sentry.sdk.name': { value: 'duotel', type: 'string' },
  'server.address': { value: 'host', type: 'string' },
};

function withoutVersion(item: Record<string, unknown> | undefined): object {
  assert.ok(item);
  const { 'sentry.sdk.version': version, ...attributes } = item['attributes'] as Record<string, { type: string }>;
  assert.equal(version?.type, 'string');
  return { ...item, attributes };
}

suite('metrics', () => {
  test('counters, distributions and gauges are typed, with unit, trace and what is said about the process', (t) => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    t.after(() => context.disable());
    const { items, sent } = fixture();
    const scope = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    context.with(scope, () => {
      items.measure({
        type: 'counter',
        name: 'questions.generated',
        value: 3,
        attributes: { provider: 'acme', type: 'choice', difficulty: 2 },
      });
      items.measure({
        type: 'distribution',
        name: 'generation.cost_usd',
        value: 0.0125,
        unit: 'dollar',
        attributes: { provider: 'acme', model: 'm1' },
      });
      items.measure({
        type: 'distribution',
        name: 'generation.latency',
        value: 812,
        unit: 'millisecond',
        attributes: { provider: 'acme', type: 'choice' },
      });
    });
    items.measure({
      type: 'distribution',
      name: 'evaluation.score',
      value: 0.75,
      attributes: { type: 'choice', outcome: 'pass' },
    });
    items.measure({ type: 'gauge', name: 'queue.size', value: 4 });
    items.flush();
    const [{ header, payload } = assert.fail()] = sent;
    assert.deepEqual(header, {
      type: 'trace_metric',
      item_count: 5,
      content_type: 'application/vnd.sentry.items.trace-metric+json',
    });
    assert.equal(payload.version, 2);
    assert.deepEqual(withoutVersion(payload.items[0]), {
      timestamp: 1_700_000_000.5,
      trace_id: TRACE,
      span_id: SPAN,
      name: 'questions.generated',
      type: 'counter',
      value: 3,
      attributes: {
        ...COMMON,
        provider: { value: 'acme', type: 'string' },
        type: { value: 'choice', type: 'string' },
        difficulty: { value: 2, type: 'integer' },
      },
    });
    assert.deepEqual(
      payload.items.map(({ name, type, unit }) => [name, type, unit]),
      [
        ['questions.generated', 'counter', undefined],
        ['generation.cost_usd', 'distribution', 'dollar'],
        ['generation.latency', 'distribution', 'millisecond'],
        ['evaluation.score', 'distribution', undefined],
        ['queue.size', 'gauge', undefined],
      ],
    );
    assert.deepEqual([payload.items[4]?.['trace_id'], payload.items[4]?.['span_id']], [OWN, undefined]);
  });

  test('they leave in batches: when one is full, or some time after its first', async () => {
    const { items, sent, time, pending } = fixture();
    for (let index = 0; index < MAX_BATCH_ITEMS + 1; index += 1)
      items.measure({ type: 'counter', name: 'n', value: 1 });
    assert.deepEqual([sent.length, items.waitingItems], [1, 1]);
    await time.advance(BATCH_MILLIS);
    assert.deepEqual([sent.length, items.waitingItems], [2, 0]);
    assert.equal(pending(), 2);
    items.flush();
    assert.equal(sent.length, 2);
  });

  test('hostile arguments cost the measurement, or are cut', () => {
    const { items, sent } = fixture();
    for (const [name, value] of [
      ['', 1],
      ['n', NaN],
      ['n', Infinity],
      ['n', '1'],
      [undefined, 1],
      ['x'.repeat(201), 1],
    ] as [string, number][])
      items.measure({ type: 'counter', name, value });
    assert.equal(items.waitingItems, 0);
    const circle: Record<string, unknown> = {
      big: 2n,
      list: [1, 'a'],
      even: [1, 2],
      none: null,
      fn: () => 1,
      nan: NaN,
    };
    circle['self'] = circle;
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, index]));
    items.measure({
      type: 'counter',
      name: 'n',
      value: 1,
      attributes: { ...circle, text: 'x'.repeat(100_000), ...many, password: 'p4ssw0rd-of-mine' },
    });
    items.measure({ type: 'counter', name: 'n', value: 1, attributes: { password: 'p4ssw0rd-of-mine' } });
    items.flush();
    const text = JSON.stringify(sent);
    assert.ok(text.length < 20_000 && !text.includes('p4ssw0rd-of-mine'));
    const types = sent[0]?.payload.items.flatMap(({ attributes }) => Object.values(attributes as object)) as {
      type: string;
    }[];
    for (const { type } of types) assert.ok(['string', 'integer', 'double', 'boolean', 'array'].includes(type), type);
  });
});

suite('logs', () => {
  test('records from a level on are sent, with trace, time, severity and attributes; secrets are not', async () => {
    const { items, sent } = fixture();
    const provider = new LoggerProvider({ processors: [new SentryLogProcessor('info', () => items)] });
    const logger = provider.getLogger('app');
    const scope = trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    logger.emit({ severityNumber: 5, body: 'too low' });
    logger.emit({
      severityNumber: 13,
      body: 'disk is full',
      attributes: { 'disk.name': 'sda', password: 'p4ssw0rd-of-mine' },
      context: scope,
      timestamp: 1_600_000_000_250,
    });
    logger.emit({ severityNumber: 17, body: { structured: true } });
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
    const { items, sent } = fixture();
    items.log({ level: 'info', message: `${'x'.repeat(8191)}😀` });
    items.flush();
    assert.ok((sent[0]?.payload.items[0]?.['body'] as string).isWellFormed());
  });
});

suite('check-ins', () => {
  test('a run begins and ends with one id; the first can create the monitor', () => {
    const { items, sent } = fixture();
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
    const { items, sent } = fixture();
    assert.equal(items.checkIn({ name: '', status: 'ok' }), undefined);
    assert.equal(items.checkIn({ name: 'a', status: 'done' as 'ok' }), undefined);
    assert.equal(sent.length, 0);
  });
});
