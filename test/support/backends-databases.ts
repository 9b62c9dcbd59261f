/** Databases of the machine, started on a free port for one test each. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, freePort, launch, temporaryFolder, waitFor, type Owner } from './backends.ts';

/** A user without rights: PostgreSQL does not run as root. */
const NOBODY = 65_534;

const POSTGRES = globSync('/usr/lib/postgresql/*/bin').at(-1);
const REDIS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => existsSync(file));

/** Why tests with PostgreSQL have to be skipped, or `false`. */
export const SKIP_WITHOUT_POSTGRES: string | false =
  POSTGRES === undefined ? 'PostgreSQL missing: apt-get install postgresql' : false;

/** Why tests with Redis have to be skipped, or `false`. */
export const SKIP_WITHOUT_REDIS: string | false =
  REDIS === undefined ? 'Redis missing: apt-get install redis-server' : false;

/** Starts a PostgreSQL with an empty database. Returns its connection string. */
export async function startPostgres(owner: Owner): Promise<string> {
  const folder = await temporaryFolder(owner);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const data = join(folder, 'data');
  const port = await freePort();
  const [command = '', ...args] = [
    ...as,
    join(POSTGRES ?? '', 'initdb'),
    '-D',
    data,
    '-U',
    'test',
    '-A',
    'trust',
    '-N',
  ];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`initdb: ${stderr}`);
  const [server = '', ...options] = [
    ...as,
    join(POSTGRES ?? '', 'postgres'),
    '-D',
    data,
    '-k',
    folder,
    '-h',
    '127.0.0.1',
  ];
  const running = launch(owner, server, [...options, '-p', String(port), '-c', 'fsync=off'], {
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
  const running = launch(owner, REDIS ?? '', args, { env: cleanEnvironment() });
  await waitFor('Redis', () => /Ready to accept connections/.test(running.stdout()), running);
  return `redis://127.0.0.1:${port}`;
}
