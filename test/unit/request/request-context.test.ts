import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attributes, type AttributeValue, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { REQUEST_KEY, RequestContext, requestOf } from '../../../src/request/request-context.ts';

/** A span that keeps what is set on it. */
function recording(): { readonly span: Span; readonly attributes: Attributes } {
  const attributes: Attributes = {};
  const setAttribute = (name: string, value: AttributeValue): void => void (attributes[name] = value);
  return { span: { setAttribute, isRecording: () => true } as unknown as Span, attributes };
}

test('the id of the client is kept, and known before anybody asks', () => {
  const request = new RequestContext('theirs');
  assert.deepEqual([request.knownId, request.id], ['theirs', 'theirs']);
});

test('without one, an id is made when it is asked for, once, and written to the span', () => {
  for (const offered of [undefined, 'not sane', ['a', 'b']]) {
    const { span, attributes } = recording();
    const request = new RequestContext(offered);
    request.observeWith(span);
    assert.deepEqual([request.knownId, attributes], [undefined, {}]);
    const { id } = request;
    assert.equal(request.id, id);
    assert.deepEqual(attributes, { 'request.id': id });
  }
});

test('user and tags reach the span and the attributes; later values replace earlier ones', () => {
  const { span, attributes } = recording();
  const request = new RequestContext('r');
  request.observeWith(span);
  request.add({ userId: 7, tags: { property_id: 'p1', paid: true } });
  request.add({ tags: { property_id: 'p2', seats: 3 } });
  request.add({ userId: undefined, tags: { paid: undefined } });
  const expected = { 'user.id': '7', property_id: 'p2', paid: true, seats: 3 };
  assert.deepEqual(attributes, expected);
  assert.deepEqual(request.attributes(), { 'request.id': 'r', ...expected });
});

test('a span that has ended is left alone', () => {
  const { span, attributes } = recording();
  span.isRecording = () => false;
  const request = new RequestContext(undefined);
  request.observeWith(span);
  request.add({ userId: 'u' });
  assert.ok(request.id);
  assert.deepEqual(attributes, {});
});

test('values are cut, and tags beyond the limit left out', () => {
  const request = new RequestContext('r');
  request.add({ userId: 'u'.repeat(2000), tags: { long: 'v'.repeat(2000), '': 'nameless' } });
  request.add({ tags: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`tag${index}`, index])) });
  request.add({ tags: { long: 'short', tag0: 'again' } });
  const attributes = request.attributes();
  assert.equal(String(attributes['user.id']).length, 1024);
  assert.deepEqual([attributes['long'], attributes['tag0'], attributes['']], ['short', 'again', undefined]);
  assert.equal(Object.keys(attributes).length, 2 + 32);
});

test('what cannot be used is left out, and nothing throws', () => {
  const request = new RequestContext('r');
  const hostile = {
    get userId(): string {
      throw new Error('no');
    },
    tags: { object: {}, nothing: null, fine: 1 },
  };
  for (const fields of [undefined, null, 'text', 1, [], { tags: 'text' }, { tags: [] }, hostile]) request.add(fields);
  assert.deepEqual(request.attributes(), { 'request.id': 'r', fine: 1 });
});

test('a context shows the request it belongs to', () => {
  const request = new RequestContext(undefined);
  assert.equal(requestOf(ROOT_CONTEXT), undefined);
  assert.equal(requestOf(ROOT_CONTEXT.setValue(REQUEST_KEY, request)), request);
});
