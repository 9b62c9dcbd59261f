import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRequestId, isSaneRequestId } from '../../../src/request/request-id.ts';

test('ids as proxies and clients send them are sane', () => {
  for (const id of [
    'a',
    '7d2f6a1e-0b7c-4d9e-9a53-1c2f0f9d8e7a',
    '01JD3Z8V5Q6M7N8P9RSTVWXYZ0',
    'Root=1-67891233-abcdef012345678912345678',
    'YWJj+/==',
    'svc:42@host~1_2.3',
    'x'.repeat(128),
  ])
    assert.equal(isSaneRequestId(id), true, id);
});

test('what could break a line, a query or a page is not, nor what is too long or no text', () => {
  for (const id of [
    '',
    ' ',
    'a b',
    'a\nb',
    'a\u0000',
    '"',
    "'",
    '{a}',
    '<a>',
    'ä',
    '%0a',
    'a;b',
    'x'.repeat(129),
    ['a'],
    1,
    undefined,
  ])
    assert.equal(isSaneRequestId(id), false, String(id));
});

test('new ids are sane and differ', () => {
  const ids = new Set(Array.from({ length: 1000 }, createRequestId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.equal(isSaneRequestId(id), true);
});
