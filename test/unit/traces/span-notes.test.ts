import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanNotes } from '../../../src/traces/span-notes.ts';

test('a note is on its span alone, and each user of notes sees only its own', () => {
  const [one, other] = [new SpanNotes<number>(), new SpanNotes<number>()];
  const span = {};
  one.set(span, 1);
  assert.deepEqual([one.get(span), other.get(span), one.get({})], [1, undefined, undefined]);
  assert.deepEqual(Object.keys(span), []);
});

test('a span that takes no note has none; nothing is thrown', () => {
  const notes = new SpanNotes<number>();
  const refusing = () => {
    throw new Error('no');
  };
  for (const span of [Object.freeze({}), new Proxy({}, { get: refusing, set: refusing })]) {
    notes.set(span, 1);
    assert.equal(notes.get(span), undefined);
  }
});
