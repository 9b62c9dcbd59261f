/**
 * T45: the test suites of fastify and express pass under the preload exactly as without it.
 *
 * A part of fastify's in the quick run, all of it with DUOTEL_TEST_LONG=1; express' is short.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithout, type Owner } from '../support/backends.ts';
import {
  differences,
  EXPRESS_FILES,
  FASTIFY_FILES,
  fileOf,
  type Outcomes,
  runExpress,
  runFastify,
  type Suite,
} from '../support/suites.ts';

/** About what an instrumentation would break: errors, hooks, names of plugins, what is printed. */
const TELLING = /\/(404s|500s|hooks|hooks-async|reply-error|pretty-print|plugin\.[24]|stream\.1|diagnostics-channel\/)/;

const isLong = process.env['DUOTEL_TEST_LONG'] === '1';
const FASTIFY_PART = FASTIFY_FILES.filter((file, index) => isLong || TELLING.test(`/${file}`) || index % 8 === 0);

/** Runs both ways; files with a difference once more, because some of their tests measure time. */
async function compare(owner: Owner, run: Suite, files: readonly string[]): Promise<[Outcomes, readonly string[]]> {
  const control = await run(owner, files, false);
  const found = differences(control, await run(owner, files, true));
  const suspects = [...new Set(found.map(fileOf))];
  if (suspects.length === 0) return [control, []];
  return [control, differences(await run(owner, suspects, false), await run(owner, suspects, true))];
}

function summary(outcomes: Outcomes): string {
  const passed = outcomes.filter((line) => /: pass(?:es)?$/.test(line)).length;
  return `${outcomes.length} tests, ${passed} of them pass`;
}

test("fastify's own tests go as without the preload", { skip: skipWithout('suite-fastify') }, async (t) => {
  const [control, found] = await compare(t, runFastify, FASTIFY_PART);
  t.diagnostic(`${FASTIFY_PART.length} of ${FASTIFY_FILES.length} files, ${summary(control)}`);
  assert.ok(control.length > 500);
  assert.deepEqual(found, []);
});

test("express' own tests go as without the preload", { skip: skipWithout('suite-express') }, async (t) => {
  const [control, found] = await compare(t, runExpress, EXPRESS_FILES);
  t.diagnostic(summary(control));
  assert.ok(control.length > 1000);
  assert.deepEqual(found, []);
});
