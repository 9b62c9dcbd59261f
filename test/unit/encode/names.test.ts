import { equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import type { TranslationStrategy } from '../../../src/config/config.ts';
import { createNamer, type NameKind, type NamedMetric } from '../../../src/encode/names.ts';

interface Goldens {
  readonly otherStrategies: readonly TranslationStrategy[];
  readonly metrics: readonly (NamedMetric & { readonly expected: string; readonly others: readonly string[] })[];
  readonly labels: readonly { key: string; expected: string }[];
}

const goldens = JSON.parse(
  readFileSync(new URL('../../support/goldens/otlptranslator.json', import.meta.url), 'utf8'),
) as Goldens;

const namer = createNamer();

test('metric names equal those of the Go translator for every golden combination', () => {
  ok(goldens.metrics.length >= 400);
  for (const metric of goldens.metrics) equal(namer.metricName(metric) ?? '', metric.expected, JSON.stringify(metric));
});

for (const [index, strategy] of goldens.otherStrategies.entries()) {
  test(`metric names of ${strategy} equal those of the Go translator for every golden combination`, () => {
    const { metricName } = createNamer(strategy);
    for (const metric of goldens.metrics) {
      equal(metricName(metric) ?? '', metric.others[index], JSON.stringify(metric));
    }
  });
}

test('label names equal those of the Go translator where a page can hold them', () => {
  for (const { key, expected } of goldens.labels) {
    if (expected === '' || expected.startsWith('__')) continue;
    equal(namer.labelName(key), expected, key);
  }
});

test('attribute keys the Go translator refuses or reserves get a name a page can hold', () => {
  for (const { key, expected } of goldens.labels) {
    if (key === '' || (expected !== '' && !expected.startsWith('__'))) continue;
    match(namer.labelName(key), /^_$|^_[a-zA-Z0-9][a-zA-Z0-9_]*$/, key);
  }
  equal(namer.labelName(''), '');
});

suite('names the services rely on', () => {
  const table: readonly [string, string, NameKind, string][] = [
    ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
    ['http.server.request.body.size', 'By', 'histogram', 'http_server_request_body_size_bytes'],
    ['stage.latency', 'ms', 'histogram', 'stage_latency_milliseconds'],
    ['llm.cost', 'USD', 'counter', 'llm_cost_USD_total'],
    ['questions.generated', '{question}', 'counter', 'questions_generated_total'],
    ['queue.size', '1', 'updown', 'queue_size'],
    ['cache.hit.ratio', '1', 'gauge', 'cache_hit_ratio'],
    ['naïve.compteur', '', 'counter', 'na_ve_compteur_total'],
    ['aiq_generation_cost_usd_total', '', 'counter', 'aiq_generation_cost_usd_total'],
    ['aiq_question_inventory', '', 'gauge', 'aiq_question_inventory'],
    ['request_latency_ms', '', 'histogram', 'request_latency_ms'],
  ];
  for (const [name, unit, kind, expected] of table) {
    test(`${name} [${unit}] ${kind} is ${expected}`, () => equal(namer.metricName({ name, unit, kind }), expected));
  }
});

test('without escaping attribute keys stay, but for what Prometheus reserves', () => {
  const { labelName } = createNamer('NoTranslation');
  for (const key of ['a.b', '1x', 'naïve', 'a"b', '_x', 'x__']) equal(labelName(key), key);
  equal(labelName('__name__'), '_name__');
  equal(labelName('___'), '_');
});

test('the word for a unit is what names end in', () => {
  const words = [
    ['s', 'seconds'],
    ['By/s', 'bytes_per_second'],
    ['{request}/s', 'per_second'],
    ['{request}', ''],
    ['1', ''],
  ] as const;
  for (const [unit, word] of words) equal(namer.unitWord(unit), word);
  equal(createNamer('NoTranslation').unitWord('s'), '');
});

test('a name that is longer than any limit is translated in linear time', () => {
  const name = '_.'.repeat(200_000);
  equal(namer.metricName({ name, unit: name, kind: 'gauge' }), undefined);
  equal(namer.labelName(name), '_');
});
