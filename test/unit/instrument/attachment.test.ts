import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { createAttachment } from '../../../src/instrument/attachment.ts';

test('a value attached to an object is found there and nowhere else', () => {
  const attachment = createAttachment<string>();
  const owner = {};
  attachment.attach(owner, 'mine');
  assert.equal(attachment.of(owner), 'mine');
  assert.equal(attachment.of({}), undefined);
  assert.equal(createAttachment<string>().of(owner), undefined);
});

test('what is attached shows in no listing of the object', () => {
  const attachment = createAttachment<string>();
  const owner = { own: 1 };
  attachment.attach(owner, 'hidden');
  assert.deepEqual(Reflect.ownKeys(owner), ['own']);
  assert.equal(inspect(owner, { showHidden: true }), '{ own: 1 }');
  assert.deepEqual(structuredClone(owner), { own: 1 });
});

test('a second attachment of one kind is refused, one of another kind is not', () => {
  const attachment = createAttachment<number>();
  const owner = {};
  attachment.attach(owner, 1);
  assert.throws(() => attachment.attach(owner, 2), TypeError);
  createAttachment<number>().attach(owner, 3);
  assert.equal(attachment.of(owner), 1);
});
