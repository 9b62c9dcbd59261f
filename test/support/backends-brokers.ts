/** Brokers and databases that take more than one command to start: RabbitMQ, MariaDB. For one test each, on free ports. */
import { globSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanEnvironment, freePort, launch, programFile, temporaryFolder, waitFor, type Owner } from './backends.ts';

/** Starts a RabbitMQ with a port mapper of its own. Returns its address. */
export async function startRabbit(owner: Owner): Promise<string> {
  const folder = await temporaryFolder(owner);
  const erlang = programFile('rabbitmq', 'usr/lib/erlang');
  await writeErlangLauncher(folder, erlang);
  const [port, distributionPort, mapperPort] = [await freePort(), await freePort(), String(await freePort())];
  const env = {
    PATH: [join(folder, 'bin'), join(erlang, 'bin'), process.env['PATH']].join(':'),
    HOME: folder,
    ERL_EPMD_PORT: mapperPort,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_LOGS: '-',
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'none'),
  };
  // Otherwise the server starts one that stays behind.
  launch(owner, join(erlang, 'bin/epmd'), ['-port', mapperPort, '-address', '127.0.0.1'], { env });
  const [server = ''] = globSync(programFile('rabbitmq', 'usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server'));
  const running = launch(owner, server, [], { cwd: folder, env });
  await waitFor('RabbitMQ', () => /Server startup complete/.test(running.stdout()), running);
  return `amqp://127.0.0.1:${port}`;
}

/** Debian's own knows only the place where it is installed. */
async function writeErlangLauncher(folder: string, root: string): Promise<void> {
  const [binaries = ''] = globSync(join(root, 'erts-*/bin'));
  const script = `#!/bin/sh
export ROOTDIR='${root}' BINDIR='${binaries}' EMU=beam PROGNAME=erl
exec "$BINDIR/erlexec" "$@"
`;
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/erl'), script, { mode: 0o755 });
}

/** Starts a MariaDB without accounts, in which everybody may do anything. Returns its address. */
export async function startMariaDb(owner: Owner): Promise<string> {
  const folder = await temporaryFolder(owner);
  const share = programFile('mariadb', 'usr/share/mysql');
  await mkdir(join(folder, 'data/test'), { recursive: true });
  const port = await freePort();
  const args = [
    '--no-defaults',
    '--skip-grant-tables',
    '--skip-networking=0',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--datadir=${join(folder, 'data')}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
  ];
  const libraries = globSync(programFile('mariadb', '{usr/,}lib/*-linux-gnu')).join(':');
  const running = launch(owner, programFile('mariadb', 'usr/sbin/mariadbd'), args, {
    cwd: folder,
    env: cleanEnvironment({ LD_LIBRARY_PATH: libraries }),
  });
  await waitFor('MariaDB', () => /ready for connections/.test(running.stderr()), running);
  return `mysql://test@127.0.0.1:${port}/test`;
}
