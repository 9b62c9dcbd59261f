/**
 * The official NodeSDK as oracle of our reading of the environment: the same variables, the same requests on a real
 * socket, the same samples, limits and propagated headers. Where we differ on purpose, the table of differences says
 * so.
 *
 * Not compared, because nothing public shows them: timeouts, delays and intervals, size of the queue.
 */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { Config } from '../../src/config/config.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { SAME } from './config-upstream/cases.ts';
import { assertSameBodies, assertSameRequests, assertSameShares, limitsOf } from './config-upstream/compare.ts';
import { carriedBy, contentType } from './config-upstream/describe.ts';
import { DIFFERENT } from './config-upstream/differences.ts';
import { runUpstream, type Seen } from './config-upstream/run.ts';

const seenByTitle = new Map<string, Seen>();

before(async () => {
  const cases = [...SAME, ...DIFFERENT.map(({ title, env }) => [title, env] as const)];
  const all = await runUpstream(cases.map(([, env]) => env));
  for (const [index, seen] of all.entries()) seenByTitle.set(cases[index]?.[0] ?? '', seen);
});

function caseOf(title: string): { readonly seen: Seen; readonly config: Config } {
  const seen = seenByTitle.get(title);
  assert.ok(seen !== undefined);
  return { seen, config: resolveConfig({ env: seen.env }).config };
}

suite('the environment means to us what it means to the official NodeSDK', () => {
  for (const [title] of SAME) {
    test(title, () => {
      const { seen, config } = caseOf(title);
      assertSameRequests({ seen, config });
      assert.equal(seen.scrapeAnswers, !config.disabled && config.metrics.scrape.open === 'always');
      if (config.disabled) return;
      assert.deepEqual(seen.propagated, carriedBy(config.propagators));
      if (config.traces.otlp === undefined) return;
      assertSameShares(seen, config.traces.sampler);
      if (seen.limits !== undefined) assert.deepEqual(seen.limits, limitsOf(config.traces));
      if (contentType(config.traces.otlp) === 'application/json') assertSameBodies(seen, config);
    });
  }
});

suite('the environment means something else to us than to the official NodeSDK', () => {
  for (const { title, why, ours, upstream, seen, resolved } of DIFFERENT) {
    test(`${title}. ${why}`, () => {
      const found = caseOf(title);
      assert.deepEqual(resolved(found.config), ours);
      assert.deepEqual(seen(found.seen), upstream);
    });
  }
});
