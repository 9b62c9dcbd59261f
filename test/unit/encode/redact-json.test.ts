import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactJson } from '../../../src/encode/redact-json.ts';
import { useRedaction } from '../../../src/encode/redaction.ts';

test('an event of Sentry loses its secrets and keeps its shape', () => {
  const event = {
    message: 'login with password=hunter2',
    exception: {
      values: [{ type: 'Error', value: 'dsn postgres://a:hunter2@db', stacktrace: { frames: [{ lineno: 12 }] } }],
    },
    request: {
      url: 'https://example.com/cb?code=hunter2',
      query_string: 'token=hunter2&page=1',
      data: '{"password":"hunter2","n":1}',
      cookies: { sid: 'hunter2' },
      headers: { Authorization: 'Bearer hunter2hunter2', Accept: '*/*' },
    },
    breadcrumbs: [{ category: 'http', data: { url: 'https://u:hunter2@x', 'http.query': 'sig=hunter2' } }],
    contexts: { app: { argv: ['node', '--token', 'hunter2'] } },
    tags: [['api_key', 'hunter2']],
    level: 'error',
    timestamp: 1_763_713_829.5,
  };
  const before = JSON.stringify(event);
  const copy = redactJson(event);
  assert.equal(JSON.stringify(copy).includes('hunter2'), false);
  assert.equal(JSON.stringify(event), before);
  assert.deepEqual(copy.request, {
    url: 'https://example.com/cb?code=REDACTED',
    query_string: 'token=REDACTED&page=1',
    data: '{"password":"[redacted]","n":1}',
    cookies: { sid: '[redacted]' },
    headers: { Authorization: '[redacted]', Accept: '*/*' },
  });
  assert.deepEqual([copy.level, copy.timestamp], ['error', 1_763_713_829.5]);
  assert.deepEqual(copy.exception.values[0]?.stacktrace, { frames: [{ lineno: 12 }] });
});

test('depth, number of values and length of texts are bounded, cycles end', () => {
  const circular: Record<string, unknown> = { n: 1 };
  circular['self'] = circular;
  assert.match(JSON.stringify(redactJson(circular)), /\[truncated\]/);
  assert.deepEqual(redactJson({ a: { b: { c: 1 } } }, { maxDepth: 2 }), { a: { b: '[truncated]' } });
  const many = redactJson(
    Array.from({ length: 1000 }, (_, index) => index),
    { maxValues: 10 },
  );
  assert.equal(many.length, 10);
  assert.equal(redactJson('x'.repeat(50), { maxTextLength: 10 }), `${'x'.repeat(10)}…`);
});

test('what JSON does not know is left out or becomes text, and nothing throws', () => {
  const value = {
    date: new Date(0),
    big: 10n,
    run: () => 1,
    none: undefined,
    list: [undefined, Symbol('x')],
    get broken(): string {
      throw new Error('getter');
    },
  };
  assert.equal(redactJson(value), '[redacted]');
  const { broken: _, ...rest } = Object.getOwnPropertyDescriptors(value);
  assert.deepEqual(redactJson(Object.defineProperties({}, rest)), {
    date: '1970-01-01T00:00:00.000Z',
    big: '10',
    list: [null, null],
  });
  assert.deepEqual(redactJson(JSON.parse('{"__proto__":{"a":1}}')), JSON.parse('{"__proto__":{"a":1}}'));
});

test('with redaction off the copy is whole, and bounded', () => {
  useRedaction({ mode: 'off', keys: [], keptKeys: [], patterns: [], replace: undefined });
  try {
    assert.deepEqual(redactJson({ password: 'x', n: 1 }), { password: 'x', n: 1 });
  } finally {
    useRedaction({ mode: 'on', keys: [], keptKeys: [], patterns: [], replace: undefined });
  }
});
