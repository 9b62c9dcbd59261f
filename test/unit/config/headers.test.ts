import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseHeaders } from '../../../src/config/headers.ts';

const PAIR = '123456:glc_token';
const ENCODED = Buffer.from(PAIR).toString('base64');
const BASIC = `Basic ${ENCODED}`;

suite('headers as the specification has them', () => {
  const correct: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a=1,b=2', { a: '1', b: '2' }],
    [' A = 1 , ,b=x=y', { a: '1', b: 'x=y' }],
    ['a=one%20two%2Cthree', { a: 'one two,three' }],
    [`Authorization=Basic%20${ENCODED.replaceAll('=', '%3D')}`, { authorization: BASIC }],
    [`Authorization=Basic ${ENCODED}`, { authorization: BASIC }],
    ['Authorization=Bearer abc', { authorization: 'Bearer abc' }],
    ['a=1;meta=2,b=2', { a: '1', b: '2' }],
    ['a=1,A=2', { a: '2' }],
    ['url=https://a.example/x', { url: 'https://a.example/x' }],
  ];
  for (const [text, headers] of correct) {
    test(`${JSON.stringify(text)} is read without a word`, () => {
      assert.deepEqual(parseHeaders(text), { headers, repairs: [], mistakes: [], rejected: [] });
    });
  }
});

suite('headers with a slip', () => {
  const wrapped = `${ENCODED.slice(0, 8)}\n${ENCODED.slice(8)}`;
  const repaired: readonly (readonly [string, string])[] = [
    ['colon', `Authorization: Basic ${ENCODED}`],
    ['colon without a blank', `Authorization:Basic ${ENCODED}`],
    ['quotes around the value', `Authorization="Basic ${ENCODED}"`],
    ['quotes around the pair', `'Authorization=Basic ${ENCODED}'`],
    ['base64 over two lines', `Authorization=Basic ${wrapped}`],
    ['base64 with a blank instead of a line end', `Authorization=Basic ${wrapped.replace('\n', ' ')}`],
    ['base64 with a written line end', String.raw`Authorization=Basic ${ENCODED}\n`],
    ['Basic twice', `Authorization=Basic Basic ${ENCODED}`],
    ['Basic missing', `Authorization=${ENCODED}`],
    ['Basic missing before lines', `Authorization=${wrapped}`],
    ['plain credential', `Authorization=${PAIR}`],
    ['plain credential after Basic', `Authorization=Basic ${PAIR}`],
    ['line end inside base64', `Authorization=Basic ${Buffer.from(`${PAIR}\n`).toString('base64')}`],
    ['encoded twice', `Authorization=Basic%2520${ENCODED}`],
    ['encoded as a whole', `Authorization%3DBasic%20${ENCODED}`],
  ];
  for (const [title, text] of repaired) {
    test(`${title} is repaired`, () => {
      const { headers, repairs, mistakes, rejected } = parseHeaders(text);
      assert.deepEqual(headers, { authorization: BASIC });
      assert.ok(repairs.length > 0);
      assert.deepEqual([mistakes, rejected], [[], []]);
    });
  }

  test('a % that starts no escape stays', () => {
    assert.deepEqual(parseHeaders('a=100%').headers, { a: '100%' });
  });
});

suite('headers that cannot be right', () => {
  test('a bad pair is described by its place or name, and the others stay', () => {
    const { headers, rejected } = parseHeaders('hush,a=1,b ad=2,c=\u0007,d=,=e');
    assert.deepEqual(headers, { a: '1' });
    assert.deepEqual(rejected, [
      'pair 1 has no name=value',
      'pair 3 has no valid name',
      'c has characters a header cannot have',
      'd is empty',
      'pair 6 has no name=value',
    ]);
  });

  for (const text of [
    'Authorization=',
    'Authorization=Basic',
    'Authorization=Basic%20',
    'Authorization=Basic Basic ',
  ]) {
    test(`${text} is an empty credential`, () => {
      const { headers, mistakes } = parseHeaders(text);
      assert.deepEqual(headers, {});
      assert.match(mistakes.join(), /empty/);
    });
  }

  for (const text of ['Authorization=Basic ${TOKEN}', 'Authorization=Basic $TOKEN', 'Authorization=<token>']) {
    test(`${text} is a placeholder`, () => assert.match(parseHeaders(text).mistakes.join(), /placeholder/));
  }

  test('a token alone is named', () => {
    assert.match(parseHeaders('Authorization=glc_hush').mistakes.join(), /token alone/);
  });
});
