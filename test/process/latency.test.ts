/** T38: the latency bench runs, and at 1,000 requests/s every request is answered under the preload. Speed is printed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../tools/node-versions.mjs';
import { cleanEnvironment, launch } from '../support/backends.ts';

interface Results {
  readonly figures: readonly { readonly name: string; readonly values: Readonly<Record<string, number | null>> }[];
}

const isLong = process.env['DUOTEL_TEST_LONG'] === '1';

test('at a fixed 1,000 requests/s each request is answered, with and without the preload', async (t) => {
  const args = ['bench/run.ts', 'latency', ...(isLong ? [] : ['--quick']), '--peers', 'none'];
  const running = launch(t, process.execPath, args, { cwd: ROOT, env: cleanEnvironment() });
  assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
  const { figures } = JSON.parse(readFileSync(join(ROOT, 'bench/results/latency.json'), 'utf8')) as Results;
  assert.deepEqual(
    figures.map(({ name }) => name),
    ['bare', 'duotel'],
  );
  const requests = figures.map(({ values }) => values['requests']);
  assert.deepEqual(requests, isLong ? [60_000, 60_000] : [3000, 3000]);
  const { 'p99 ms': p99, 'added p99 ms': added } = figures[1]?.values ?? {};
  assert.ok(Number.isFinite(p99) && Number.isFinite(added));
  t.diagnostic(`p99 ${p99?.toFixed(2)} ms, ${added?.toFixed(2)} ms of it added`);
});
