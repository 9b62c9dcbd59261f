import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../src/errors/classify.ts';
import { describeError } from '../../../src/errors/error-facts.ts';
import { fingerprintOf } from '../../../src/errors/fingerprint.ts';

const of = (error: unknown): string => fingerprintOf(describeError(error), classify(error)).join(' ');

const failIn = (name: string, place: string): Error =>
  Object.assign(new Error(name), { stack: `Error: ${name}\n    at helper (/app/node_modules/lib/x.js:1:1)\n${place}` });

test('one place in the code is one problem, whatever the message and whatever the line', () => {
  const [a, b] = ['user 17', 'user 18'].map((name, index) =>
    failIn(name, `    at find (/app/users.js:${index + 7}:1)`),
  );
  assert.equal(of(a), of(b));
  assert.match(of(a), /at find \/app\/users\.js$/);
});

test('one place is one problem wherever a release is installed', () => {
  const folder = process.cwd();
  const required = failIn('x', `    at find (${folder}/src/users.js:7:1)`);
  const imported = failIn('x', `    at find (file://${folder}/src/users.js:7:1)`);
  assert.equal(of(required), of(imported));
  assert.match(of(required), /at find src\/users\.js$/);
});

test('another place, class, type, code or provider is another problem', () => {
  const place = '    at find (/app/users.js:7:1)';
  const all = [
    failIn('x', place),
    failIn('x', '    at list (/app/users.js:7:1)'),
    Object.assign(failIn('x', place), { name: 'LookupError' }),
    Object.assign(failIn('x', place), { code: 'E_X' }),
    Object.assign(failIn('x', place), { status: 429 }),
  ].map(of);
  assert.equal(new Set(all).size, all.length);
});

test('without a stack it is the message without its ids', () => {
  const ids = ['17', 'deadbeef01', '7f3a2c1e-8f6e-4b4a-9f5a-0b1c2d3e4f50'];
  assert.equal(new Set(ids.map((id) => of(`order ${id} is gone`))).size, 1);
  assert.notEqual(of('order 1 is gone'), of('order 1 is late'));
});

test('a wrapped error has the code of what it wraps', () => {
  const wrapped = new Error('failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
  assert.match(of(wrapped), /ECONNREFUSED/);
});
