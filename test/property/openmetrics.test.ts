/** Pages of random metrics, read by the strict OpenMetrics parser of the Python client. */
import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from '../support/fast-check.ts';
import { negotiateFormat } from '../../src/encode/text-format.ts';
import { skipWithout } from '../support/backends.ts';
import { pageIn } from '../support/metric-page.ts';
import { parseOpenMetrics } from '../support/openmetrics-parser.ts';
import { randomMetrics } from '../support/random-metrics.ts';

const skip = skipWithout('python');
const PAGES = 1_200;
const MAX_LENGTH = 50_000;

const legacy = negotiateFormat('application/openmetrics-text;version=1.0.0');
const utf8 = negotiateFormat('application/openmetrics-text;version=1.0.0;escaping=allow-utf-8');

for (const [what, format, translation] of [
  ['OpenMetrics', legacy, 'UnderscoreEscapingWithSuffixes'],
  ['OpenMetrics without suffixes', legacy, 'UnderscoreEscapingWithoutSuffixes'],
  ['OpenMetrics escaped from UTF-8', legacy, 'NoTranslation'],
  ['OpenMetrics with UTF-8 names', utf8, 'NoUTF8EscapingWithSuffixes'],
] as const) {
  test(`whatever is recorded, the strict parser accepts the page: ${what}`, { skip }, () => {
    const given = fc.sample(randomMetrics, what === 'OpenMetrics' ? PAGES : PAGES / 5);
    const config = { translation, scopeLabels: what.includes('UTF') };
    // The parser takes a second for each megabyte.
    const pages = given.map((metrics) => pageIn(metrics, format, config)).filter(({ length }) => length < MAX_LENGTH);
    ok(pages.length > given.length * 0.8);
    for (const [index, { error, families }] of parseOpenMetrics(pages).entries()) {
      equal(error, '', pages[index]?.slice(0, 3_000));
      ok('target' in families || 'target_info' in families, pages[index]);
    }
  });
}
