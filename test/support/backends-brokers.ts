/** Brokers and databases that take more than one command to start: RabbitMQ, Kafka, MariaDB. For one test each, on free ports. */
import { spawnSync } from 'node:child_process';
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

const JAVA = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', programFile('kafka', '*')];

/** Starts a Kafka of one broker. Returns its address. */
export async function startKafka(owner: Owner): Promise<string> {
  const folder = await temporaryFolder(owner);
  const [address, controller] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://${address},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${address}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
  };
  const file = join(folder, 'server.properties');
  await writeFile(
    file,
    Object.entries(settings)
      .map((setting) => `${setting.join('=')}\n`)
      .join(''),
  );
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', file];
  const { status, stderr } = spawnSync('java', [...JAVA, ...format], { encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`Kafka's storage: ${stderr}`);
  const running = launch(owner, 'java', [...JAVA, 'kafka.Kafka', file], { cwd: folder });
  await waitFor('Kafka', () => /Kafka Server started/.test(running.stderr()), running);
  return address;
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
