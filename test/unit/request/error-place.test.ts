import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { context, type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { noteException, noteThrown, placeOf } from '../../../src/request/error-place.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';

before(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));

let spans = 0;
function createSpan(traceId: string): Span {
  spans += 1;
  return trace.wrapSpanContext({
    traceId: traceId.padEnd(32, '0'),
    spanId: `${spans}`.padStart(16, '0'),
    traceFlags: 1,
  });
}

const scopeOf = (span: Span, request?: RequestContext): Context =>
  trace.setSpan(request === undefined ? ROOT_CONTEXT : ROOT_CONTEXT.setValue(REQUEST_KEY, request), span);

test('an error nobody has seen happened here', () => {
  const [span, request] = [createSpan('a'), new RequestContext('a')];
  context.with(scopeOf(span, request), () => {
    const place = placeOf(new Error('x'));
    assert.deepEqual([place.span, place.request, place.isRecorded], [span, request, false]);
  });
});

test('the innermost span of a trace is kept, also when an outer one records the error without its request', () => {
  const [inner, outer, request, error] = [createSpan('a'), createSpan('a'), new RequestContext('a'), new Error('x')];
  context.with(scopeOf(inner, request), () => noteException(inner, error));
  noteException(outer, error);
  assert.deepEqual([placeOf(error).span, placeOf(error).request], [inner, request]);
  assert.equal(request.failure, error);
});

test('an error that left its scope is found where it was thrown, and the span that records it later changes only that', () => {
  const [span, request, error] = [createSpan('a'), new RequestContext('a'), new Error('x')];
  noteThrown(error, scopeOf(span, request));
  assert.equal(placeOf(error).isRecorded, false);
  noteException(span, error);
  assert.deepEqual([placeOf(error).request, placeOf(error).isRecorded], [request, true]);
});

test('a span that is not active any more is part of the place', () => {
  const [span, error] = [createSpan('a'), new Error('x')];
  noteException(span, error);
  assert.equal(trace.getSpan(placeOf(error).scope), span);
});

test('one object in two traces is where it was last, and never in a request that is not running', () => {
  const error = new Error('shared');
  const [a, b] = [new RequestContext('a'), new RequestContext('b')];
  const [first, second] = [createSpan('a'), createSpan('b')];
  context.with(scopeOf(first, a), () => noteException(first, error));
  context.with(scopeOf(second, b), () => assert.equal(placeOf(error).request, b));
  context.with(scopeOf(second, b), () => noteException(second, error));
  assert.deepEqual([placeOf(error).span, placeOf(error).request], [second, b]);
});

test('a thrown value that is no object is known to the next who asks, once', () => {
  const span = createSpan('a');
  noteThrown('text', scopeOf(span));
  assert.equal(placeOf('text').span, span);
  assert.equal(placeOf('text').span, undefined);
  noteThrown('text', scopeOf(span));
  assert.equal(placeOf('other').span, undefined);
});
