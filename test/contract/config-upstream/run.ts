/**
 * Runs the official NodeSDK under many environments, in one child process, against a server of the test's own.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { Env } from './cases.ts';
import type { Observation } from './program.ts';

/** One request the SDK made; the path is the one under the address of the case. */
export interface SentRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Everything seen of one environment. */
export interface Seen extends Observation {
  /** The environment with all placeholders filled in. */
  readonly env: Env;
  readonly requests: readonly SentRequest[];
}

/** Runs every environment once, in order. */
export async function runUpstream(environments: readonly Env[]): Promise<readonly Seen[]> {
  const requests: SentRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-type': request.headers['content-type'] ?? '' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const filled: Env[] = [];
    for (const [index, env] of environments.entries()) {
      filled.push(await fillIn(env, `http://127.0.0.1:${port}/case-${index}`));
    }
    const observations = await observe(filled);
    return observations.map((observation, index) => ({
      ...observation,
      env: filled[index] ?? {},
      requests: requestsOf(requests, index),
    }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function fillIn(env: Env, base: string): Promise<Env> {
  const needsPort = Object.values(env).includes('PORT');
  const port = needsPort ? `${await freePort()}` : '';
  const filled = Object.entries(env).map(([name, value]) => [
    name,
    value === 'PORT' ? port : value.replace('BASE', base),
  ]);
  return { OTEL_NODE_RESOURCE_DETECTORS: 'none', ...(Object.fromEntries(filled) as Env) };
}

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function observe(environments: readonly Env[]): Promise<readonly Observation[]> {
  const child = fork(new URL('program.ts', import.meta.url), {
    env: { PATH: process.env['PATH'] ?? '' },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const ended = once(child, 'exit').then(() => assert.fail('The program ended before it answered.'));
    child.send(environments);
    const [observations] = (await Promise.race([once(child, 'message'), ended])) as [readonly Observation[]];
    return observations;
  } finally {
    child.kill();
  }
}

function requestsOf(requests: readonly SentRequest[], index: number): readonly SentRequest[] {
  const prefix = `/case-${index}/`;
  return requests
    .filter(({ path }) => path.startsWith(prefix))
    .map((request) => ({ ...request, path: request.path.slice(prefix.length - 1) }));
}
