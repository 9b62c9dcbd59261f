/** The demo's services as processes of their own, started the way an application is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Receiver } from '../../src/testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_TIMEOUT_MILLIS = 20_000;
const STOP_TIMEOUT_MILLIS = 5000;

/** What makes a demo quick: batches leave several times a second instead of every 5 s, metrics every 60 s. */
const QUICK = {
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_BLRP_SCHEDULE_DELAY: '100',
  OTEL_METRIC_EXPORT_INTERVAL: '250',
  OTEL_METRIC_EXPORT_TIMEOUT: '250',
};

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Starts a service of this folder under the preload; resolves once it listens. */
export async function startService(
  file: string,
  receiver: Pick<Receiver, 'url' | 'dsn'>,
  env: NodeJS.ProcessEnv,
): Promise<{ url: string }> {
  const child = spawn(process.execPath, ['--import', './telemetry', `examples/demo/${file}`], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...ownEnvironment(),
      ...QUICK,
      OTEL_SERVICE_NAME: file.replace(/\..*/, ''),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      SENTRY_DSN: receiver.dsn,
      ...env,
    },
  });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return { url: await readUrl(child, file) };
}

/** Asks every service to end, and makes sure that it does. */
export async function stopServices(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MILLIS);
      await exited;
      clearTimeout(impatience);
    }),
  );
}

/** A port nothing listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function readUrl(child: ChildProcess, file: string): Promise<string> {
  if (child.stdout === null) throw new Error('a service has no stdout');
  const signal = AbortSignal.timeout(START_TIMEOUT_MILLIS);
  const line = once(createInterface(child.stdout), 'line', { signal });
  const exit = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${file} ended with code ${code} before it listened`);
  });
  const [text] = (await Promise.race([line, exit])) as [string];
  line.catch(() => undefined);
  exit.catch(() => undefined);
  return text.replace(/^.*\bhttp/, 'http');
}

/** This process's environment without settings for telemetry: the demo shows the same on every machine. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^(OTEL|DUOTEL|SENTRY|GRAFANA_CLOUD|PROMETHEUS)_/.test(name)));
}
