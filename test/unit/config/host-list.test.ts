import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isListedHost } from '../../../src/config/host-list.ts';

test('hosts are listed by name, domain and port, in any case', () => {
  const cases: [string, string, string, boolean][] = [
    ['*', 'any.test', '1', true],
    ['', 'any.test', '1', false],
    ['a.test', 'A.test.', '443', true],
    ['a.test', 'b.a.test', '443', true],
    ['.a.test, *.b.test', 'x.b.test', '80', true],
    ['a.test', 'nota.test', '443', false],
    ['a.test:8080', 'a.test', '443', false],
    ['a.test:8080', 'a.test', '8080', true],
    ['::1', '::1', '80', true],
    ['[::1]:81', '[::1]', '81', true],
    ['10.0.0.1', '10.0.0.1', '80', true],
  ];
  for (const [list, host, port, expected] of cases)
    assert.equal(isListedHost({ host, port }, list), expected, `${list} ${host}:${port}`);
});
