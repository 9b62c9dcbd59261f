/**
 * Runs the tests: `npm test` the quick groups, `npm test -- e2e` one group, `npm run test:long` everything at full length.
 *
 * Groups are the folders of `test/`; each file runs in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './node-versions.mjs';

const QUICK = ['architecture', 'unit', 'contract', 'property', 'process'];
const ALL = [...QUICK, 'e2e'];

const args = process.argv.slice(2);
const long = args.includes('--long');
const named = args.filter((arg) => !arg.startsWith('--'));
const groups = named.length > 0 ? named : long ? ALL : QUICK;

const build = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
if (build.status !== 0) process.exit(build.status ?? 1);

const files = groups.flatMap((group) =>
  existsSync(join(ROOT, group)) && group.endsWith('.ts')
    ? [group]
    : globSync([`test/${group}/**/*.test.ts`, `test/${group}.test.ts`], { cwd: ROOT }).sort(),
);
if (files.length === 0) {
  console.error(`No test files in ${groups.join(', ')}.`);
  process.exit(1);
}
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...reporter(), ...files], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, ...(long ? { DUOTEL_TEST_LONG: '1' } : {}) },
});
process.exit(run.status ?? 1);

/** The `spec` reporter prints node's summary last, on a terminal and in a log alike. */
function reporter(): string[] {
  return ['--test-reporter=spec', '--test-reporter-destination=stdout'];
}
