import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { context, type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { noteException, noteUncaught, placeOf } from '../../../src/request/error-place.ts';
import { createContextManager } from '../../../src/traces/context.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';

before(() => context.setGlobalContextManager(createContextManager()));

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
  noteUncaught(error, scopeOf(span, request));
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
  noteUncaught('text', scopeOf(span));
  assert.equal(placeOf('text').span, span);
  assert.equal(placeOf('text').span, undefined);
  noteUncaught('text', scopeOf(span));
  assert.equal(placeOf('other').span, undefined);
});

const throwIn = (scope: Context, error: Error): void =>
  assert.throws(
    () =>
      context.with(scope, () => {
        throw error;
      }),
    error,
  );

test('an uncaught error is in the scope it has just left, if that is inside of what is active', () => {
  const [request, span] = [new RequestContext('a'), createSpan('a')];
  const [around, left] = [scopeOf(createSpan('a'), request), scopeOf(span, request)];
  const error = new Error('x');
  context.with(around, () => {
    throwIn(left, error);
    noteUncaught(error);
    assert.equal(placeOf(error).span, span);
  });
  const outside = new Error('y');
  throwIn(left, outside);
  noteUncaught(outside);
  assert.deepEqual([placeOf(outside).span, placeOf(outside).request], [span, request]);
});

test('an uncaught error is not in a scope of another request, or of another trace, that some error has left', () => {
  const [mine, other] = [new RequestContext('a'), new RequestContext('b')];
  const here = createSpan('a');
  for (const left of [scopeOf(createSpan('b'), mine), scopeOf(createSpan('a'), other)]) {
    const error = new Error('x');
    context.with(scopeOf(here, mine), () => {
      throwIn(left, new Error('caught'));
      noteUncaught(error);
      assert.deepEqual([placeOf(error).span, placeOf(error).request], [here, mine]);
    });
  }
});
