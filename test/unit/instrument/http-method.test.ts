import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveMethod } from '../../../src/instrument/http-method.ts';

test('known methods stand for themselves, in capitals', () => {
  assert.deepEqual(resolveMethod('GET'), { method: 'GET', original: undefined, spanName: 'GET' });
  assert.deepEqual(resolveMethod('query'), { method: 'QUERY', original: 'query', spanName: 'QUERY' });
  assert.deepEqual(resolveMethod(undefined), { method: 'GET', original: undefined, spanName: 'GET' });
});

test('any other method is _OTHER in a span named HTTP', () => {
  assert.deepEqual(resolveMethod('PROPFIND'), { method: '_OTHER', original: 'PROPFIND', spanName: 'HTTP' });
  assert.deepEqual(resolveMethod('toString'), { method: '_OTHER', original: 'toString', spanName: 'HTTP' });
});
