import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as kinds from '../../../src/config/kinds.ts';
import type { Kind } from '../../../src/config/kinds.ts';

const letters: Kind<'a' | 'b' | 'c'> = kinds.oneOf('a', 'b', 'c');

const CASES: readonly [string, Kind<unknown>, readonly (readonly [string, unknown])[]][] = [
  [
    'flag',
    kinds.flag,
    [
      ['true', true],
      ['TRUE', true],
      ['False', false],
      ['1', undefined],
      ['yes', undefined],
    ],
  ],
  [
    'toggle',
    kinds.toggle,
    [
      ['true', true],
      ['1', true],
      ['on', true],
      ['No', false],
      ['0', false],
      ['maybe', undefined],
    ],
  ],
  [
    'millis',
    kinds.millis,
    [
      ['5000', 5000],
      ['0.5', 0.5],
      ['1e3', 1000],
      ['0', undefined],
      ['-1', undefined],
      ['5s', undefined],
      ['Infinity', undefined],
      ['2147483648', undefined],
    ],
  ],
  [
    'budgetMillis',
    kinds.budgetMillis,
    [
      ['0', 0],
      ['400', 400],
      ['-1', undefined],
      ['1m', undefined],
    ],
  ],
  [
    'count',
    kinds.count,
    [
      ['1', 1],
      ['0', undefined],
      ['1.5', undefined],
      ['9e99', undefined],
    ],
  ],
  [
    'limit',
    kinds.limit,
    [
      ['0', 0],
      ['128', 128],
      ['-1', undefined],
      ['1.5', undefined],
    ],
  ],
  [
    'port',
    kinds.port,
    [
      ['0', 0],
      ['9464', 9464],
      ['65535', 65_535],
      ['65536', undefined],
      ['http', undefined],
    ],
  ],
  [
    'ratio',
    kinds.ratio,
    [
      ['0', 0],
      ['1', 1],
      ['0.25', 0.25],
      ['1.01', undefined],
      ['-0.1', undefined],
      ['10%', undefined],
    ],
  ],
  [
    'oneOf',
    letters,
    [
      ['a', 'a'],
      ['B', 'b'],
      ['d', undefined],
    ],
  ],
  [
    'someOf',
    kinds.someOf('a', 'b'),
    [
      ['b, A', ['a', 'b']],
      ['a,c', undefined],
    ],
  ],
  [
    'names',
    kinds.names,
    [
      ['a, B ,a,,', ['a', 'b']],
      [',', []],
    ],
  ],
  [
    'url',
    kinds.url,
    [
      ['https://a.example/x', 'https://a.example/x'],
      ['ftp://a', undefined],
      ['a.example', undefined],
    ],
  ],
];

suite('kinds of values', () => {
  for (const [name, kind, values] of CASES) {
    for (const [text, expected] of values) {
      test(`${name} reads ${JSON.stringify(text)} as ${JSON.stringify(expected) ?? 'unusable'}`, () => {
        assert.deepEqual(kind.parse(text), expected);
      });
    }
  }

  test('a choice of two and of more reads as a sentence', () => {
    assert.equal(kinds.oneOf('on', 'off').expects, 'on or off');
    assert.equal(letters.expects, 'one of a, b, c');
  });
});
