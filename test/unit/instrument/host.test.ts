import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHost, splitHost } from '../../../src/instrument/host.ts';

test('host and port come apart, with the default port of the scheme', () => {
  const cases: [string, string, string, number | undefined][] = [
    ['a.example', 'http', 'a.example', 80],
    ['a.example', 'https', 'a.example', 443],
    ['a.example', '', 'a.example', undefined],
    ['a.example:8080', 'https', 'a.example', 8080],
    ['[::1]:9000', 'http', '::1', 9000],
    ['[::1]', 'http', '::1', 80],
    ['::1', 'http', '::1', 80],
    ['a:b', 'http', 'a', 80],
    ['a:', 'http', 'a', 80],
    [':80', 'http', ':80', 80],
    ['', 'http', '', 80],
    ['[broken', 'http', '[broken', 80],
  ];
  for (const [text, scheme, host, port] of cases)
    for (const again of [1, 2]) assert.deepEqual(parseHost(text, scheme), { host, port }, `${text} ${again}`);
});

test('addresses of clients lose their port', () => {
  assert.equal(splitHost('10.0.0.1:5000').host, '10.0.0.1');
  assert.equal(splitHost('[2001:db8::1]:5000').host, '2001:db8::1');
  assert.equal(splitHost('2001:db8::1').host, '2001:db8::1');
});

test('as many hosts as a stranger cares to send take a bounded memory', () => {
  const first = parseHost('first.example', 'http');
  assert.equal(parseHost('first.example', 'http'), first);
  for (let index = 0; index < 1000; index++) parseHost(`${index}.example`, 'http');
  assert.notEqual(parseHost('first.example', 'http'), first);
  for (let index = 0; index < 100; index++)
    assert.deepEqual(parseHost('a', `scheme${index}`), { host: 'a', port: undefined });
});
