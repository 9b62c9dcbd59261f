/**
 * Packages of a Debian suite, unpacked and not installed: no service starts, no maintainer script runs.
 *
 * Mirror and key come from the machine's own apt configuration with only the suite replaced. The binaries taken are
 * static but for libc, so packages of a newer suite run on an older machine.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Recipe } from './recipe.ts';

const SOURCES = '/etc/apt/sources.list.d/debian.sources';

export function bringDebianPackages(suite: string, packages: readonly string[]): Recipe {
  return async (dir) => {
    if (!existsSync(SOURCES)) throw new Error('needs a Debian machine with apt');
    const work = await mkdtemp(join(tmpdir(), 'duotel-debian-'));
    try {
      const options = await aptOptions(work, suite);
      await run('apt-get', [...options, '-qq', 'update']);
      await run('apt-get', [...options, '-qq', 'download', ...packages], work);
      for (const file of await readdir(work)) {
        if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, file), dir]);
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  };
}

/** Downloads the files of a source package into `dir`, packed as they are. */
export async function fetchDebianSource(suite: string, name: string, dir: string): Promise<void> {
  if (!existsSync(SOURCES)) throw new Error('needs a Debian machine with apt');
  const options = await aptOptions(dir, suite, 'deb-src');
  await run('apt-get', [...options, '-qq', 'update']);
  await run('apt-get', [...options, '-qq', 'source', '--download-only', name], dir);
}

/** Options that make apt read only `suite` and write only into `work`. */
async function aptOptions(work: string, suite: string, types = 'deb'): Promise<string[]> {
  const stanzas = (await readFile(SOURCES, 'utf8'))
    .replaceAll(/^#.*\n/gm, '')
    .trim()
    .split(/\n\s*\n/);
  const list = join(work, 'suite.sources');
  const stanza = (stanzas[0] ?? '').replace(/^Types:.*$/m, `Types: ${types}`);
  await writeFile(list, `${stanza.replace(/^Suites:.*$/m, `Suites: ${suite}`)}\n`);
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    await mkdir(join(work, folder), { recursive: true });
  const settings = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
