import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../../../src/config/config.ts';
import type { SinkIdentity } from '../../../src/sentry/sink.ts';
import { describeSpan } from '../../../src/sentry/span-description.ts';
import { sentryStatusOf } from '../../../src/sentry/span-status.ts';
import { MAX_SPANS, SentryTransactions } from '../../../src/sentry/transactions.ts';
import { withSentryCaller } from '../../../src/traces/sentry-caller.ts';
import { sentryAt } from './span-support.ts';

const ERROR = { code: SpanStatusCode.ERROR };

interface Payload {
  readonly transaction: string;
  readonly transaction_info: object;
  readonly contexts: { readonly trace: Record<string, unknown> };
  readonly spans: readonly { readonly description: string; readonly parent_span_id: string }[];
  readonly measurements?: object;
  readonly extra?: object;
}

function fixture(changes: Partial<SentryConfig> = {}, maxHeldBytes?: number) {
  const config = sentryAt('http://127.0.0.1:9', changes);
  const identity: SinkIdentity = { dsn: config.dsn, environment: 'test', release: '1.2.3', serverName: undefined };
  const sent: { header: Record<string, unknown>; payload: Payload }[] = [];
  const processor = new SentryTransactions({
    config,
    identity: () => identity,
    sink: (header, items) => sent.push({ header, payload: items[0]?.[1] as Payload }),
    createId: () => String(sent.length).padStart(32, '0'),
    ...(maxHeldBytes !== undefined && { maxHeldBytes }),
  });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const start = (name: string, parent?: Span, attributes: Attributes = {}): Span =>
    tracer.startSpan(name, { attributes }, parent === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent));
  const names = (): unknown =>
    sent.map(({ payload }) => [payload.transaction, ...payload.spans.map((span) => span.description)]);
  return { processor, tracer, start, sent, names };
}

suite('transactions', () => {
  test('a local root with all that ended below it is one, with ids, times and attributes of its spans', () => {
    const { tracer, sent, start } = fixture();
    const root = tracer.startSpan(
      'GET /users/{id}',
      {
        kind: SpanKind.SERVER,
        startTime: [1_000_000, 123_456_789],
        attributes: { 'http.request.method': 'GET', 'http.route': '/users/{id}', 'http.response.status_code': 200 },
      },
      ROOT_CONTEXT,
    );
    start('select', root, { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1' }).end();
    root.addEvent('size', { 'sentry.measurement_value': 3, 'sentry.measurement_unit': 'byte' });
    root.end([1_000_001, 0]);
    const [{ header, payload } = assert.fail()] = sent;
    const { traceId, spanId } = root.spanContext();
    assert.deepEqual(header, {
      event_id: '0'.repeat(32),
      sdk: header['sdk'],
      trace: {
        trace_id: traceId,
        public_key: 'key',
        environment: 'test',
        release: '1.2.3',
        sampled: 'true',
        sample_rate: '1',
        transaction: 'GET /users/{id}',
      },
    });
    const { spans, contexts, ...event } = payload as Payload & Record<string, unknown>;
    assert.deepEqual(contexts.trace, {
      trace_id: traceId,
      span_id: spanId,
      op: 'http.server',
      origin: 'auto.otel',
      status: 'ok',
      data: {
        'http.request.method': 'GET',
        'http.route': '/users/{id}',
        'http.response.status_code': 200,
        'otel.kind': 'SERVER',
      },
    });
    assert.equal(event['start_timestamp'], 1_000_000.123457);
    assert.equal(event['timestamp'], 1_000_001);
    assert.deepEqual(event.measurements, { size: { value: 3, unit: 'byte' } });
    assert.deepEqual(event.transaction_info, { source: 'route' });
    assert.equal(spans.length, 1);
    assert.equal(spans[0]?.description, 'SELECT 1');
    assert.equal(spans[0].parent_span_id, spanId);
  });

  test('only a share is sent, and what failed, whole', () => {
    const { start, names } = fixture({ tracesSampleRate: 1e-9 });
    for (const failing of ['child', 'root', 'none', 'late']) {
      const root = start(`${failing} fails`);
      start('child', root)
        .setStatus(failing === 'child' ? ERROR : { code: SpanStatusCode.UNSET })
        .end();
      const late = start('late', root);
      if (failing === 'root') root.setStatus(ERROR);
      root.end();
      if (failing === 'late') late.setStatus(ERROR);
      late.end();
    }
    assert.deepEqual(names(), [['child fails', 'child'], ['late'], ['root fails', 'child'], ['late']]);
  });

  test('a span that ends after its root is a transaction of its own, below the same parent', () => {
    const { start, sent } = fixture();
    const root = start('root');
    const late = start('late', root);
    root.end();
    late.end();
    assert.equal(sent[1]?.payload.contexts.trace['parent_span_id'], root.spanContext().spanId);
    assert.equal(sent[1].payload.contexts.trace['trace_id'], root.spanContext().traceId);
  });

  test('more spans than a transaction takes are counted in it; more than is held gives up the oldest root', () => {
    const { start, sent } = fixture();
    const root = start('root');
    for (let index = 0; index < MAX_SPANS + 5; index += 1) start('child', root).end();
    root.end();
    assert.equal(sent[0]?.payload.spans.length, MAX_SPANS);
    assert.deepEqual(sent[0].payload.extra, { 'duotel.spans_left_out': 5 });
    const small = fixture({}, 4500);
    const [old, young] = [small.start('old'), small.start('young')];
    for (const each of [old, young, young, young, young]) small.start('child', each).end();
    old.end();
    young.end();
    assert.deepEqual(small.names(), [['young', 'child', 'child', 'child', 'child']]);
  });

  test('what the head of a trace said of it is passed on unchanged', () => {
    const { tracer, sent } = fixture();
    const baggage = { trace_id: '1'.repeat(32), public_key: 'other', sample_rate: '0.25' };
    const parent = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true };
    const caller = { traceId: parent.traceId, isSampled: true, baggage, undecided: undefined };
    const scope: Context = withSentryCaller(trace.setSpanContext(ROOT_CONTEXT, parent), caller);
    tracer.startSpan('root', {}, scope).end();
    assert.deepEqual(sent[0]?.header['trace'], baggage);
  });

  test('secrets stay here', () => {
    const { start, sent } = fixture();
    const root = start('root', undefined, { password: 'p4ssw0rd-of-mine' });
    start('child', root, { 'http.request.header.authorization': 'Bearer abcdefgh12345678' }).end();
    root.end();
    const text = JSON.stringify(sent);
    assert.ok(!text.includes('p4ssw0rd-of-mine') && !text.includes('abcdefgh12345678'), text);
  });
});

test('operations, descriptions and sources follow the conventions of both', () => {
  for (const [kind, attributes, expected] of [
    [SpanKind.CLIENT, { 'http.request.method': 'GET' }, 'http.client name route'],
    [SpanKind.SERVER, { 'http.method': 'GET', 'http.route': '/a' }, 'http.server name route'],
    [SpanKind.CLIENT, { 'db.system': 'mysql', 'db.statement': 'SELECT 1' }, 'db SELECT 1 task'],
    [SpanKind.CLIENT, { 'db.system.name': 'redis' }, 'db.redis name task'],
    [SpanKind.SERVER, { 'rpc.system': 'grpc' }, 'rpc.server name route'],
    [SpanKind.CLIENT, { 'rpc.system': 'grpc' }, 'rpc name route'],
    [SpanKind.PRODUCER, { 'messaging.system': 'kafka' }, 'queue.publish name task'],
    [
      SpanKind.CONSUMER,
      { 'messaging.system': 'kafka', 'messaging.operation.type': 'receive' },
      'queue.receive name task',
    ],
    [SpanKind.CONSUMER, { 'messaging.system': 'kafka' }, 'queue.process name task'],
    [SpanKind.CLIENT, { 'gen_ai.operation.name': 'chat' }, 'gen_ai.chat name custom'],
    [SpanKind.SERVER, { 'faas.trigger': 'timer' }, 'function.timer name component'],
    [SpanKind.INTERNAL, {}, 'undefined name custom'],
    [SpanKind.INTERNAL, { 'sentry.op': 'mine', 'sentry.source': 'task' }, 'mine name task'],
    [SpanKind.INTERNAL, { 'sentry.op': 1, 'sentry.source': 'no such' }, 'undefined name custom'],
  ] as const) {
    const { op, description, source } = describeSpan({ name: 'name', kind, attributes });
    assert.equal(`${op} ${description} ${source}`, expected);
  }
  assert.equal(
    describeSpan({ name: 'GET /a/1', kind: SpanKind.SERVER, attributes: { 'http.method': 'GET' } }).source,
    'url',
  );
});

test('a status is the one of the answer, else the word in the message, else an internal error', () => {
  for (const [code, message, attributes, expected] of [
    [SpanStatusCode.UNSET, undefined, {}, 'ok'],
    [SpanStatusCode.UNSET, undefined, { 'http.response.status_code': 404 }, 'not_found'],
    [SpanStatusCode.OK, undefined, { 'http.response.status_code': 404 }, 'ok'],
    [SpanStatusCode.ERROR, undefined, { 'http.response.status_code': 502 }, 'internal_error'],
    [SpanStatusCode.ERROR, undefined, { 'http.response.status_code': 503 }, 'unavailable'],
    [SpanStatusCode.ERROR, undefined, { 'http.response.status_code': 200 }, 'internal_error'],
    [SpanStatusCode.ERROR, 'not_found', {}, 'not_found'],
    [SpanStatusCode.ERROR, 'anything', {}, 'internal_error'],
    [SpanStatusCode.ERROR, undefined, { 'rpc.grpc.status_code': 14 }, 'unavailable'],
    [SpanStatusCode.UNSET, undefined, { 'http.response.status_code': 'hello' }, 'ok'],
    [SpanStatusCode.UNSET, undefined, { 'rpc.grpc.status_code': 99 }, 'ok'],
  ] as const)
    assert.equal(sentryStatusOf({ status: { code, ...(message !== undefined && { message }) }, attributes }), expected);
});
