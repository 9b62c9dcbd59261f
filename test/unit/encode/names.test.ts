import { equal, match, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { type NameKind, prometheusLabelName, prometheusMetricName } from '../../../src/encode/names.ts';

interface Goldens {
  readonly metrics: readonly { name: string; unit: string; kind: NameKind; expected: string }[];
  readonly labels: readonly { key: string; expected: string }[];
}

const goldens = JSON.parse(
  readFileSync(new URL('../../support/goldens/otlptranslator.json', import.meta.url), 'utf8'),
) as Goldens;

test('metric names equal those of the Go translator for every golden combination', () => {
  ok(goldens.metrics.length >= 400);
  for (const { name, unit, kind, expected } of goldens.metrics) {
    equal(prometheusMetricName(name, unit, kind) ?? '', expected, JSON.stringify({ name, unit, kind }));
  }
});

test('label names equal those of the Go translator where a page can hold them', () => {
  for (const { key, expected } of goldens.labels) {
    if (expected === '' || expected.startsWith('__')) continue;
    equal(prometheusLabelName(key), expected, key);
  }
});

test('attribute keys the Go translator refuses or reserves get a name a page can hold', () => {
  for (const { key, expected } of goldens.labels) {
    if (key === '' || (expected !== '' && !expected.startsWith('__'))) continue;
    match(prometheusLabelName(key), /^_$|^_[a-zA-Z0-9][a-zA-Z0-9_]*$/, key);
  }
  equal(prometheusLabelName(''), '');
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
    test(`${name} [${unit}] ${kind} is ${expected}`, () => equal(prometheusMetricName(name, unit, kind), expected));
  }
});

test('a name that is longer than any limit is translated in linear time', () => {
  const name = '_.'.repeat(200_000);
  equal(prometheusMetricName(name, name, 'gauge'), undefined);
  equal(prometheusLabelName(name), '_');
});
