import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorType, isCancelled } from '../../../src/instrument/error-type.ts';

test('the type of a failure is its code, else its name, else _OTHER', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  assert.equal(errorType(refused), 'ECONNREFUSED');
  assert.equal(errorType(new RangeError('x')), 'RangeError');
  assert.equal(errorType(new DOMException('x', 'DataCloneError')), 'DataCloneError');
  for (const odd of [undefined, null, 'text', 5, {}, { name: '' }, { code: 42 }])
    assert.equal(errorType(odd), '_OTHER');
});

test('an abort is a cancellation, a time limit is not', () => {
  const abort = new DOMException('x', 'AbortError');
  const limit = new DOMException('x', 'TimeoutError');
  const nodeAbort = Object.assign(new Error('x'), { name: 'AbortError', code: 'ABORT_ERR' });
  const nodeLimit = Object.assign(new Error('x', { cause: limit }), { name: 'AbortError', code: 'ABORT_ERR' });
  assert.deepEqual(
    [abort, nodeAbort].map((error) => [errorType(error), isCancelled(error)]),
    [
      ['AbortError', true],
      ['AbortError', true],
    ],
  );
  assert.deepEqual(
    [limit, nodeLimit].map((error) => [errorType(error), isCancelled(error)]),
    [
      ['TimeoutError', false],
      ['TimeoutError', false],
    ],
  );
  for (const odd of [undefined, null, 'text', new Error('x')]) assert.equal(isCancelled(odd), false);
});
