/** Small HTTP(S) and TCP servers that answer as a test says, and the clients' surroundings. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OtlpDestination } from '../../../src/config/config.ts';

export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FaultServer {
  readonly url: string;
  readonly port: number;
  readonly requests: ReceivedRequest[];
  /** Connections opened so far. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Starts a server that reads each request whole and then lets `answer` answer it. */
export async function startServer(answer: RequestListener, tls?: ServerOptions): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method, url, headers } = request;
      requests.push({ method, path: url, headers, body: Buffer.concat(chunks) });
      answer(request, response);
    });
  };
  const server: Server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.on('tlsClientError', () => undefined);
  const { port, connections, close } = await listen(server);
  return {
    url: `http${tls === undefined ? '' : 's'}://localhost:${port}/v1/traces`,
    port,
    requests,
    connections,
    close,
  };
}

/** Starts a TCP server that gives each connection to `serve`. */
export async function startTcpServer(serve: (socket: Socket) => void): Promise<FaultServer> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  const { port, connections, close } = await listen(server);
  return { url: `http://127.0.0.1:${port}/v1/traces`, port, requests: [], connections, close };
}

async function listen(server: Server | TcpServer): Promise<Pick<FaultServer, 'port' | 'connections' | 'close'>> {
  const sockets = new Set<Socket>();
  let opened = 0;
  server.on('connection', (socket: Socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => opened,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A URL nobody listens at. */
export async function refusedUrl(): Promise<string> {
  const server = await startTcpServer(() => undefined);
  await server.close();
  return server.url;
}

export function destinationAt(url: string, changes: Partial<OtlpDestination> = {}): OtlpDestination {
  const defaults = {
    headers: {},
    protocol: 'http/protobuf',
    compression: 'none',
    timeoutMillis: 2000,
    tls: {},
  } as const;
  return { url, ...defaults, ...changes };
}

/** Keeps the event loop alive while `work` runs, for what we open does not. */
export async function holding<T>(work: () => Promise<T>): Promise<T> {
  const hold = setInterval(() => undefined, 1000);
  try {
    return await work();
  } finally {
    clearInterval(hold);
  }
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 5000; !condition();) {
    if (Date.now() > end) throw new Error(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** PEM files of a fresh authority, a server certificate for localhost and a client certificate. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: (name: 'server' | 'client') => string;
  readonly keyFile: (name: 'server' | 'client') => string;
  readonly read: (file: string) => Buffer;
  remove(): void;
}

/** Why certificates cannot be made here, for a test's `skip`; `false` when they can. */
export const NO_OPENSSL: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'the program openssl is not installed';

export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'duotel-tls-'));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=test-ca',
    '-days',
    '2',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
  );
  writeFileSync(path('san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  for (const name of ['server', 'client']) {
    openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`));
    const signing = [
      '-CA',
      path('ca.pem'),
      '-CAkey',
      path('ca.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      path('san'),
    ];
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...signing, '-out', path(`${name}.pem`));
  }
  return {
    caFile: path('ca.pem'),
    certFile: (name) => path(`${name}.pem`),
    keyFile: (name) => path(`${name}.key`),
    read: (file) => readFileSync(file),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
