/**
 * The test suite of a package, beside the package itself, so that it tests the one in `node_modules`.
 *
 * From the package where it has its tests inside, from Debian's source package where npm has them left out.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchDebianSource } from './debian.ts';
import { run, type Recipe } from './recipe.ts';

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];

/** What lints, measures, documents or types; not needed to run tests. */
const TOOLS = /eslint|neostandard|markdownlint|nyc|borp|reporter|tstyche|typescript|tsconfig|@types|json-schema-to-ts/;
const MORE_TOOLS = /autocannon|branch-comparer|concurrently|cross-env/;

/** Where tests are that are not in the package of npm. */
export interface DebianSource {
  readonly suite: string;
  readonly package: string;
  /** What is taken of it. */
  readonly folders: readonly string[];
}

/** Brings `name@version` with its tests and what they need. */
export function bringSuite(name: string, version: string, source?: DebianSource): Recipe {
  return async (dir) => {
    await writeFile(join(dir, 'package.json'), '{ "private": true }\n');
    await run('npm', ['install', ...QUIET, `${name}@${version}`], dir);
    const home = join(dir, 'node_modules', name);
    if (source !== undefined) await addSource(source, home);
    const { devDependencies = {} } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
      readonly devDependencies?: Readonly<Record<string, string>>;
    };
    const needed = Object.entries(devDependencies).filter(([each]) => !TOOLS.test(each) && !MORE_TOOLS.test(each));
    await run('npm', ['install', ...QUIET, ...needed.map(([each, range]) => `${each}@${range}`)], dir);
  };
}

async function addSource({ suite, package: name, folders }: DebianSource, home: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'duotel-source-'));
  try {
    await fetchDebianSource(suite, name, work);
    const archive = (await readdir(work)).find((file) => /\.orig\.tar\.\w+$/.test(file));
    if (archive === undefined) throw new Error(`no source of ${name}`);
    await run('tar', ['xf', archive, '--strip-components=1', '--one-top-level=source'], work);
    for (const folder of folders) await cp(join(work, 'source', folder), join(home, folder), { recursive: true });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
