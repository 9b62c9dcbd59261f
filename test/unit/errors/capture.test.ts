import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { context, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { addBreadcrumb } from '../../../src/request/breadcrumbs.ts';
import { noteException } from '../../../src/request/error-place.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';
import { createCaptures } from './capture.ts';

const ended: ReadableSpan[] = [];
const processor = { onStart: () => undefined, onEnd: (span: ReadableSpan) => ended.push(span) };
const tracer = new TracerProvider({ spanProcessors: [processor as unknown as SpanProcessor] }).getTracer('test');

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));

/** Runs inside of a request of its own. */
function inRequest<T>(work: (request: RequestContext) => T, id?: string): T {
  const request = new RequestContext(id);
  return context.with(context.active().setValue(REQUEST_KEY, request), work, undefined, request);
}

suite('what becomes of an error', () => {
  test('it is counted, logged with its stack, and sent, under one id', (t) => {
    const { capture, counted, records, sent } = createCaptures(t);
    const error = Object.assign(new Error('no key'), { status: 401 });
    const report = capture(error, { tags: { property_id: 7 }, extra: { tries: 3 } });
    assert.equal(report.outcome, 'captured');
    assert.match(report.eventId ?? '', /^[\da-f]{32}$/);
    assert.deepEqual(counted, [
      { 'error.type': 'authentication', 'error.severity': 'critical', 'error.provider': 'unknown' },
    ]);
    const [record] = records;
    assert.equal(record?.body, 'Error: no key');
    assert.equal(record.severityText, 'ERROR');
    assert.equal(record.attributes?.['exception.stacktrace'], error.stack);
    assert.equal(record.attributes?.['error.event_id'], report.eventId);
    assert.equal(record.attributes?.['property_id'], 7);
    const [captured] = sent;
    assert.equal(captured?.error, error);
    assert.equal(captured.eventId, report.eventId);
    assert.deepEqual(captured.extra, { tries: 3 });
    assert.deepEqual([captured.handled, captured.mechanism, captured.level], [true, 'captureError', 'error']);
  });

  test('the span that is open has the exception, the class, and the status of an error', (t) => {
    const { capture, sent } = createCaptures(t);
    ended.length = 0;
    const spanContext = tracer.startActiveSpan('work', (span) => {
      capture(new SyntaxError('bad'));
      span.end();
      return span.spanContext();
    });
    const [span] = ended;
    assert.equal(span?.status.code, SpanStatusCode.ERROR);
    assert.equal(span.attributes['error.type'], 'parsing');
    assert.deepEqual(
      span.events.map(({ attributes }) => attributes?.['exception.message']),
      ['bad'],
    );
    assert.deepEqual(sent[0]?.spanContext, spanContext);
  });

  test('an exception that a span has already is not written to another', (t) => {
    const { capture, sent } = createCaptures(t);
    ended.length = 0;
    const error = new Error('once');
    tracer.startActiveSpan('outer', (outer) => {
      tracer.startActiveSpan('inner', (inner) => {
        noteException(inner, error);
        inner.recordException(error);
        inner.end();
      });
      capture(error);
      outer.end();
    });
    const [inner, outer] = ended;
    assert.deepEqual([inner?.events.length, outer?.events.length], [1, 0]);
    assert.equal(sent[0]?.spanContext?.spanId, inner?.spanContext().spanId);
  });

  test('what is ignored is counted, and an event of its span, and no more', (t) => {
    const { capture, counted, records, sent } = createCaptures(t);
    ended.length = 0;
    tracer.startActiveSpan('work', (span) => {
      assert.equal(capture(AbortSignal.abort().reason).outcome, 'ignored');
      span.end();
    });
    assert.equal(capture(Object.assign(new Error('x'), { status: 404, expose: true })).outcome, 'ignored');
    assert.equal(capture(Object.assign(new Error('x'), { name: 'ZodError' })).outcome, 'ignored');
    assert.deepEqual([counted.length, records.length, sent.length], [3, 0, 0]);
    const [span] = ended;
    assert.deepEqual([span?.status.code, span?.events.length], [SpanStatusCode.UNSET, 1]);
  });

  test('an error is ignored by its code', (t) => {
    const { capture } = createCaptures(t, { ignore: ['card_*'] });
    assert.equal(capture(Object.assign(new Error('x'), { code: 'card_declined' })).outcome, 'ignored');
    assert.equal(capture(Object.assign(new Error('x'), { code: 'ECONNRESET' })).outcome, 'captured');
  });

  test('what ends the process is neither ignored nor held back', (t) => {
    const { capturer, sent } = createCaptures(t, { perMinute: 1, ignore: ['*'] });
    const fatal = { mechanism: 'uncaughtException', handled: false, isFatal: true } as const;
    for (let index = 0; index < 3; index += 1) capturer.capture(new Error('same'), fatal);
    assert.deepEqual(
      sent.map(({ level, handled }) => [level, handled]),
      Array.from({ length: 3 }, () => ['fatal', false]),
    );
  });

  test('an error that was ignored and ends the process later is sent, and counted once', (t) => {
    const { capture, capturer, counted, sent } = createCaptures(t);
    const error = AbortSignal.abort().reason as Error;
    assert.equal(capture(error).outcome, 'ignored');
    const fatal = { mechanism: 'uncaughtException', handled: false, isFatal: true } as const;
    assert.equal(capturer.capture(error, fatal).outcome, 'captured');
    assert.deepEqual([counted.length, sent.length], [1, 1]);
  });

  test('severity low is a warning; a hint decides', (t) => {
    const { capture, records } = createCaptures(t, { ignore: [] });
    capture(new SyntaxError('x'));
    capture(new RangeError('x'), { level: 'info' });
    assert.deepEqual(
      records.map(({ severityText }) => severityText),
      ['WARN', 'INFO'],
    );
  });
});

suite('one error is one event', () => {
  test('however often it is captured, alone or wrapped, inwards or outwards', (t) => {
    const { capture, sent } = createCaptures(t);
    const inner = new Error('inner');
    const outer = new Error('outer', { cause: new Error('middle', { cause: inner }) });
    const { eventId } = capture(inner);
    for (const each of [inner, outer, outer.cause, inner]) {
      const again = capture(each);
      assert.deepEqual([again.outcome, again.eventId], ['duplicate', eventId]);
    }
    assert.equal(sent.length, 1);
    assert.deepEqual(capture(new Error('other')).outcome, 'captured');
  });

  test('what was the cause of a captured error is part of its event', (t) => {
    const { capture, sent, records } = createCaptures(t);
    const cause = new Error('cause');
    capture(new Error('outer', { cause }));
    assert.equal(capture(cause).outcome, 'duplicate');
    assert.deepEqual(
      sent[0]?.details.causes.map(({ message }) => message),
      ['cause'],
    );
    assert.match(String(records[0]?.attributes?.['exception.stacktrace']), /\nCaused by: Error: cause\n {4}at /);
  });

  test('an aggregate is old if all of its errors are', (t) => {
    const { capture } = createCaptures(t);
    const [a, b] = [new Error('a'), new Error('b')];
    capture(a);
    assert.equal(capture(new AggregateError([a, b])).outcome, 'captured');
    assert.equal(capture(new AggregateError([a, b])).outcome, 'duplicate');
    assert.equal(capture(new AggregateError([])).outcome, 'captured');
  });

  test('one object that breaks two requests is two events, of the right request each', (t) => {
    const { capture, sent } = createCaptures(t);
    const shared = new Error('always this one');
    for (const id of ['a', 'b', 'a'])
      inRequest((request) => {
        request.add({ userId: id });
        tracer.startActiveSpan(id, (span) => {
          noteException(span, shared);
          capture(shared);
          span.end();
        });
      }, id);
    assert.deepEqual(
      sent.map(({ request }) => [request?.id, request?.userId]),
      [
        ['a', 'a'],
        ['b', 'b'],
        ['a', 'a'],
      ],
    );
  });
});

suite('flood', () => {
  test('the first of a kind pass; one more tells how many followed', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { capture, capturer, counted, records, sent } = createCaptures(t, { perMinute: 3 });
    const outcomes = Array.from({ length: 100 }, () => capture(new Error('same place')).outcome);
    assert.deepEqual(outcomes.slice(0, 4), ['captured', 'captured', 'captured', 'held_back']);
    assert.deepEqual([counted.length, records.length, sent.length], [100, 3, 3]);
    assert.equal(capture(new TypeError('another kind')).outcome, 'captured');
    assert.equal(capturer.isHolding, true);
    capturer.flush();
    assert.equal(capturer.isHolding, false);
    const summary = sent.at(-1);
    assert.equal(summary?.heldBack, 96);
    assert.equal(records.at(-1)?.attributes?.['error.held_back'], 96);
    capturer.flush();
    assert.equal(sent.length, 5);
  });

  test('a fingerprint of the application decides what is of one kind', (t) => {
    const { capture, sent } = createCaptures(t, { perMinute: 1 });
    for (const tenant of ['a', 'b', 'a']) capture(new Error('x'), { fingerprint: ['tenant', tenant] });
    assert.deepEqual(
      sent.map(({ fingerprint }) => fingerprint),
      [
        ['tenant', 'a'],
        ['tenant', 'b'],
      ],
    );
  });
});

suite('the request', () => {
  test('user, tags, route data and breadcrumbs are those of the request the error broke', async (t) => {
    const { capture, sent } = createCaptures(t);
    const work = (id: string): Promise<void> =>
      inRequest(async (request) => {
        request.observeWith(tracer.startSpan(id), { 'http.request.method': 'GET', 'url.path': `/${id}` });
        request.add({ userId: id, tags: { id } });
        await new Promise((resolve) => setImmediate(resolve));
        addBreadcrumb({ kind: 'log', timeMillis: 0, level: 'info', message: id }, request);
        capture(new Error(id), { fingerprint: [id] });
      }, id);
    await Promise.all(Array.from({ length: 200 }, (_, index) => work(`r${index}`)));
    assert.equal(sent.length, 200);
    for (const { details, request, tags, breadcrumbs, transaction } of sent) {
      const id = details.message;
      assert.deepEqual([request?.id, request?.userId, tags['id'], request?.attributes['url.path']], [id, id, id, `/${id}`]); // oxfmt-ignore
      assert.deepEqual(
        breadcrumbs.map(({ message }) => message),
        [id],
      );
      assert.equal(transaction, 'GET');
    }
  });

  test('outside of requests there is none, and breadcrumbs are those of the process', (t) => {
    const { capture, sent } = createCaptures(t);
    addBreadcrumb({ kind: 'log', timeMillis: 0, level: 'info', message: 'batch' }, undefined);
    capture(new Error('x'));
    assert.deepEqual([sent[0]?.request, sent[0]?.spanContext], [undefined, undefined]);
    assert.deepEqual(
      sent[0]?.breadcrumbs.map(({ message }) => message),
      ['batch'],
    );
  });
});
