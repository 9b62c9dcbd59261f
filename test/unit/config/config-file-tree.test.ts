import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from '../../support/fast-check.ts';
import { parseConfigTree, substituteText } from '../../../src/config/config-file-tree.ts';

/** The variables of the specification's own table of examples. */
const ENV = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
  EMPTY: '',
};

suite('substitution, by the examples of the specification', () => {
  const cases: readonly (readonly [yaml: string, value: string | null])[] = [
    ['${STRING_VALUE}', 'value'],
    ['${env:STRING_VALUE}', 'value'],
    ['${BOOL_VALUE}', 'true'],
    ['"${INT_VALUE}"', '1'],
    ['${FLOAT_VALUE}', '1.1'],
    ['${HEX_VALUE}', '0xdeadbeef'],
    ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
    ['${UNDEFINED_KEY}', null],
    ['"${UNDEFINED_KEY}"', ''],
    ['${UNDEFINED_KEY:-fallback}', 'fallback'],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${UNDEFINED_KEY:-a:-b c}', 'a:-b c'],
    ['${INVALID_MAP_VALUE}', 'value\nkey:value'],
    ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
    ['${UNDEFINED_KEY:-${STRING_VALUE}}', '${STRING_VALUE}'],
    ['${STRING_VALUE}${STRING_VALUE}', 'valuevalue'],
    ['$${STRING_VALUE}', '${STRING_VALUE}'],
    ['$$${STRING_VALUE}', '$value'],
    ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
    ['$${STRING_VALUE:-fallback}', '${STRING_VALUE:-fallback}'],
    ['a $$ b', 'a $ b'],
    ['a $ b', 'a $ b'],
    ['$STRING_VALUE', '$STRING_VALUE'],
    ['${VALUE_WITH_ESCAPE}', 'value$$'],
  ];
  for (const [yaml, value] of cases) {
    test(`${yaml} gives ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parseConfigTree(`key: ${yaml}\n`, ENV), { status: 'read', root: { key: value } });
    });
  }

  for (const reference of [
    '${1X}',
    '${STRING VALUE}',
    '${STRING_VALUE:?error}',
    '${sys:STRING_VALUE}',
    '${}',
    '${A:b}',
  ]) {
    test(`${reference} is invalid`, () => {
      assert.equal(parseConfigTree(`key: "${reference}"\n`, ENV).status, 'unusable');
    });
  }

  test('keys are left alone', () => {
    assert.deepEqual(parseConfigTree('"${STRING_VALUE}": 1\n', ENV), {
      status: 'read',
      root: { '${STRING_VALUE}': '1' },
    });
  });

  test('a variable cannot bring structure into the file', () => {
    const env = { X: '{ a: 1 }\nb: 2\n- c' };
    assert.deepEqual(parseConfigTree('key: ${X}\n', env), { status: 'read', root: { key: env.X } });
  });
});

suite('scalars', () => {
  test('numbers stay as they were written', () => {
    const yaml = 'a: 1.10\nb: 007\nc: 1e3\nd: true\ne: "null"\nf: null\ng:\nh: 2026-01-01\n';
    assert.deepEqual(parseConfigTree(yaml, {}), {
      status: 'read',
      root: { a: '1.10', b: '007', c: '1e3', d: 'true', e: 'null', f: null, g: null, h: '2026-01-01' },
    });
  });

  test('aliases are followed', () => {
    assert.deepEqual(parseConfigTree('a: &x { b: "${V}" }\nc: *x\n', { V: 'v' }), {
      status: 'read',
      root: { a: { b: 'v' }, c: { b: 'v' } },
    });
  });
});

test('any text is parsed or refused, never thrown at the caller', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 40 }), (text, value) => {
      assert.match(parseConfigTree(text, { A: value }).status, /^(?:read|unusable)$/);
    }),
  );
});

test('a text without dollar signs is never changed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('$'));
      assert.equal(substituteText(text, ENV), text);
    }),
  );
});
