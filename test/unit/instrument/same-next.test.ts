import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Handle, withSameNext } from '../../../src/instrument/same-next.ts';

interface Request {
  next?: unknown;
}

/** As the official instrumentation does it: a `next` of its own. */
function wrap(original: Handle): Handle {
  if (original.length === 4) return original;
  return function (this: unknown, request, response, next) {
    return original.call(this, request, response, () => (next as () => unknown)());
  };
}

test('a handler is given the next that is in the request, and the old one is back when it has been called', () => {
  const request: Request = {};
  let called = 0;
  const next = (): void => {
    called += 1;
    assert.equal(request.next, next);
  };
  request.next = next;
  const handle = withSameNext((...args) => {
    const [seen, , given] = args as [Request, unknown, () => void];
    assert.equal(seen.next, given);
    assert.notEqual(given, next);
    given();
  }, wrap);
  handle(request, {}, next);
  assert.equal(called, 1);
});

test('the next of a route, which is not that of the request, stays apart from it', () => {
  const request: Request = { next: () => undefined };
  const before = request.next;
  let called = 0;
  const handle = withSameNext((...args) => {
    assert.equal((args[0] as Request).next, before);
    (args[2] as () => void)();
  }, wrap);
  handle(request, {}, () => (called += 1));
  assert.equal(called, 1);
});

test('handlers of errors are left alone, and others keep their length and properties', () => {
  const onError = (_error: unknown, _request: unknown, _response: unknown, _next: unknown): void => undefined;
  assert.equal(withSameNext(onError, wrap), onError);
  const original = Object.assign((_request: unknown, _response: unknown) => undefined, { stack: [1] });
  let seen: Handle | undefined;
  withSameNext(original, (inner) => {
    seen = inner;
    return () => undefined;
  });
  assert.equal(seen?.length, 2);
  assert.deepEqual((seen as unknown as typeof original).stack, [1]);
});
