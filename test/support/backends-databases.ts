/** Databases, started on a free port for one test each. */
import { spawnSync } from 'node:child_process';
import { chownSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, freePort, launch, programFile, temporaryFolder, waitFor, type Owner } from './backends.ts';

/** A user without rights: PostgreSQL does not run as root. */
const NOBODY = 65_534;

/** Runs a program as somebody else; without options, as oneself. Part of util-linux. */
const SETPRIV = 'setpriv';

const POSTGRES = globSync('/usr/lib/postgresql/*/bin').at(-1);
/** Why tests with PostgreSQL have to be skipped, or `false`. */
export const SKIP_WITHOUT_POSTGRES: string | false =
  POSTGRES === undefined ? 'PostgreSQL missing: apt-get install postgresql' : false;

/** Starts a PostgreSQL with an empty database. Returns its connection string. */
export async function startPostgres(owner: Owner): Promise<string> {
  const folder = await temporaryFolder(owner);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const as = isRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const program = (name: string): string[] => [...as, join(POSTGRES ?? '', name), '-D', join(folder, 'data')];
  const { status, stderr } = spawnSync(SETPRIV, [...program('initdb'), '-U', 'test', '-A', 'trust', '-N'], {
    encoding: 'utf8',
    cwd: folder,
  });
  if (status !== 0) throw new Error(`initdb: ${stderr}`);
  const port = await freePort();
  const options = ['-k', folder, '-h', '127.0.0.1', '-p', String(port), '-c', 'fsync=off'];
  const running = launch(owner, SETPRIV, [...program('postgres'), ...options], {
    cwd: folder,
    env: cleanEnvironment(),
  });
  await waitFor('PostgreSQL', () => /ready to accept connections/.test(running.stderr()), running);
  return `postgres://test@127.0.0.1:${port}/postgres`;
}

/** Starts a Redis that keeps nothing on disk. Returns its address. */
export async function startRedis(owner: Owner): Promise<string> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', await temporaryFolder(owner)];
  const env = cleanEnvironment({ LD_LIBRARY_PATH: globSync(programFile('redis', 'usr/lib/*-linux-gnu')).join(':') });
  const running = launch(owner, programFile('redis', 'usr/bin/redis-server'), args, { env });
  await waitFor('Redis', () => /Ready to accept connections/.test(running.stdout()), running);
  return `redis://127.0.0.1:${port}`;
}
