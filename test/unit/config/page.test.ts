import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const pageOf = (env: Record<string, string>): unknown => resolved(env).config.metrics.scrape.page;

function resolved(env: Record<string, string>): Resolution {
  return resolveConfig({ env });
}

test('nothing set leaves the page as it is', () => equal(pageOf({}), undefined));

test('a strategy is known as Prometheus, and as configuration files, write it', () => {
  for (const [text, translation] of [
    ['NoTranslation', 'NoTranslation'],
    ['no_translation/development', 'NoTranslation'],
    ['underscore_escaping_without_suffixes/development', 'UnderscoreEscapingWithoutSuffixes'],
    ['noutf8escapingwithsuffixes', 'NoUTF8EscapingWithSuffixes'],
    ['underscore_escaping_with_suffixes', 'UnderscoreEscapingWithSuffixes'],
  ] as const) {
    deepEqual(pageOf({ DUOTEL_METRICS_TRANSLATION: text }), { translation });
  }
});

test('scope labels can be switched on', () => {
  deepEqual(pageOf({ DUOTEL_METRICS_SCOPE_LABELS: 'true' }), { scopeLabels: true });
});

test('an unknown strategy is reported and changes nothing', () => {
  const { config, issues } = resolved({ DUOTEL_METRICS_TRANSLATION: 'emoji' });
  equal(config.metrics.scrape.page, undefined);
  deepEqual(
    issues.map(({ code }) => code),
    ['DUOTEL_CONFIG_INVALID'],
  );
});
