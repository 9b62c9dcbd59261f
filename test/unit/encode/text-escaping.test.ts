import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { escapeName, LEGACY_LABEL, LEGACY_METRIC } from '../../../src/encode/text-escaping.ts';

/** As `model.EscapeName` of prometheus/common does. */
const TABLE: readonly [name: string, underscores: string, dots: string, values: string][] = [
  ['no:escaping_required', 'no:escaping_required', 'no:escaping__required', 'no:escaping_required'],
  [
    'mysystem.prod.west.cpu',
    'mysystem_prod_west_cpu',
    'mysystem_dot_prod_dot_west_dot_cpu',
    'U__mysystem_2e_prod_2e_west_2e_cpu',
  ],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['1x', '_x', '__x', 'U___31_x'],
  ['a_b.c', 'a_b_c', 'a__b_dot_c', 'U__a__b_2e_c'],
  ['', '', '', ''],
];

for (const [name, underscores, dots, values] of TABLE) {
  test(`"${name}" is escaped as Prometheus does`, () => {
    equal(escapeName(name, 'underscores', LEGACY_METRIC), underscores);
    equal(escapeName(name, 'dots', LEGACY_METRIC), dots);
    equal(escapeName(name, 'values', LEGACY_METRIC), values);
    equal(escapeName(name, 'allow-utf-8', LEGACY_METRIC), name);
  });
}

test('labels have no colon, and lone surrogates are no characters', () => {
  equal(escapeName('a:b', 'underscores', LEGACY_LABEL), 'a_b');
  equal(escapeName('a\ud800', 'values', LEGACY_LABEL), 'U__a_FFFD_');
  equal(escapeName('a\ud800', 'allow-utf-8', LEGACY_LABEL), 'a\ufffd');
});
