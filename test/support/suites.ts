/** The public test suites of frameworks, run with and without the preload. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './backends-app.ts';
import { cleanEnvironment, launch, programFile, type Owner } from './backends.ts';

/** How each test of a suite went, one line each, sorted: `file > name: pass`. */
export type Outcomes = readonly string[];

/** Runs some files of a suite; `isPreloaded` with default settings. */
export type Suite = (owner: Owner, files: readonly string[], isPreloaded: boolean) => Promise<Outcomes>;

const PRELOAD = { NODE_OPTIONS: `--import ${pathToFileURL(join(ROOT, 'dist/register.js')).href}` };

async function runSuite(
  owner: Owner,
  cwd: string,
  { args, isPreloaded }: { readonly args: readonly string[]; readonly isPreloaded: boolean },
): Promise<string> {
  const env = cleanEnvironment(isPreloaded ? PRELOAD : {});
  const running = launch(owner, process.execPath, args, { cwd, env });
  await running.ended;
  if (running.stdout() === '') throw new Error(`the suite printed nothing: ${running.stderr().slice(0, 2000)}`);
  return running.stdout();
}

const FASTIFY = programFile('suite-fastify', 'node_modules', 'fastify');

/** All but those of bundlers and types. */
export const FASTIFY_FILES: readonly string[] = globSync('test/**/*.test.{js,mjs}', { cwd: FASTIFY })
  .filter((file) => !/bundler|types\//.test(file))
  .toSorted();

export const runFastify: Suite = async (owner, files, isPreloaded) => {
  const reporter = pathToFileURL(join(ROOT, 'test/support/outcome-reporter.mjs')).href;
  const options = ['--test-concurrency=2', '--test-timeout=60000', `--test-reporter=${reporter}`];
  const text = await runSuite(owner, FASTIFY, { args: ['--test', ...options, ...files], isPreloaded });
  const rows = text.split('\n').filter((line) => line.startsWith('["'));
  return rows
    .map((line) => JSON.parse(line) as [string, number, string, string])
    .map(([file, depth, name, outcome]) => `${file} ${'>'.repeat(depth)} ${name}: ${outcome}`)
    .toSorted();
};

const EXPRESS = programFile('suite-express', 'node_modules', 'express');

export const EXPRESS_FILES: readonly string[] = globSync('test/{,acceptance/}*.js', { cwd: EXPRESS }).toSorted();

interface MochaTest {
  readonly file: string;
  readonly fullTitle: string;
}

export const runExpress: Suite = async (owner, files, isPreloaded) => {
  const mocha = programFile('suite-express', 'node_modules', 'mocha', 'bin', 'mocha.js');
  const options = ['--require', 'test/support/env', '--reporter', 'json', '--check-leaks'];
  const text = await runSuite(owner, EXPRESS, { args: [mocha, ...options, ...files], isPreloaded });
  const result = JSON.parse(text.slice(text.indexOf('{\n  "stats"'))) as Record<string, readonly MochaTest[]>;
  return (['passes', 'failures', 'pending'] as const)
    .flatMap((outcome) =>
      (result[outcome] ?? []).map(
        ({ file, fullTitle }) => `${file.slice(EXPRESS.length + 1)} ${fullTitle}: ${outcome}`,
      ),
    )
    .toSorted();
};

/** Lines of one side only, with the side they are from. */
export function differences(control: Outcomes, preloaded: Outcomes): string[] {
  return [...missingIn(preloaded, control, 'without'), ...missingIn(control, preloaded, 'with')];
}

function missingIn(there: Outcomes, all: Outcomes, side: string): string[] {
  const counts = new Map<string, number>();
  for (const line of there) counts.set(line, (counts.get(line) ?? 0) + 1);
  return all.flatMap((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left > 0 ? [] : [`only ${side}: ${line}`];
  });
}

/** The file a line of {@link differences} is about. */
export function fileOf(difference: string): string {
  return /^only \w+: (\S+) /.exec(difference)?.[1] ?? '';
}
