import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../../../tools/node-versions.mjs';
import { renderRuntimeMetricsReference } from '../../../../tools/reference-runtime-metrics.ts';

test('the page of runtime metrics is that of the catalogue', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/runtime-metrics.md'), 'utf8');
  assert.equal(page, renderRuntimeMetricsReference());
});

test('recording rules for names of prom-client use metrics of the catalogue only', () => {
  const page = renderRuntimeMetricsReference();
  const [tables = '', rules = ''] = page.split('```yaml');
  const known = new Set([
    'target_info',
    ...[...tables.matchAll(/^\| `[^`]+` \| `([^`]+)`/gm)].map((match) => match[1]),
  ]);
  const used = [...rules.matchAll(/\b(?:process|nodejs|v8js)_\w+/g)].map(([name]) => name);
  const records = new Set([...rules.matchAll(/record: (\w+)/g)].map((match) => match[1]));
  const labels = /^(?:v8js_heap_space_name|v8js_resource_type|v8js_gc_type|process_runtime_version)$/;
  const unknown = used.filter((name) => {
    const family = name.replace(/^(v8js_gc_duration_seconds)_(?:bucket|sum|count)$/, '$1');
    return !known.has(family) && !records.has(name) && !labels.test(name);
  });
  // Those that prom-client has and nobody else are named below the rules.
  assert.deepEqual(
    [...new Set(unknown)].filter((name) => !rules.includes(`\`${name}\``)),
    [],
  );
});
