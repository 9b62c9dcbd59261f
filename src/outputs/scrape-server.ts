/**
 * Opens the endpoint's own listener, and tells in one line each what is in its way.
 *
 * Layer: outputs. Loaded when the endpoint opens.
 */
import type { RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { ScrapeConfig } from '../config/config.ts';
import { createListener } from './scrape-listener.ts';
import type * as ScrapeSocket from './scrape-socket.ts';

const load = createRequire(import.meta.url);

const PATH = '/metrics';
const NOT_FOUND = `Metrics are at ${PATH}.\n`;

/** Where the page is served. */
export interface ScrapeAddress {
  /** `unix:` and a path for a socket. */
  readonly host: string;
  /** 0 for a socket. */
  readonly port: number;
}

/** A listener, open or opening. */
export interface ScrapeServer {
  /** `undefined` while nothing listens. */
  address(): ScrapeAddress | undefined;
  /** Resolves when the port is free. Never rejects. */
  close(): Promise<void>;
}

const CLOSED: ScrapeServer = { address: () => undefined, close: () => Promise.resolve() };

/** Opens the listener; a taken port and other trouble are told in one notice each. Never holds the process. */
export function openScrapeServer(config: ScrapeConfig, handler: RequestListener): ScrapeServer {
  try {
    const server = createListener(config.tls, (request, response) => {
      if (pathOf(request.url) === PATH) handler(request, response);
      else response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(NOT_FOUND);
    });
    if (config.socketPath === undefined) listenOnPort(server, config);
    else listenOnPath(server, config.socketPath);
    return { address: () => addressOf(server), close: () => closeServer(server) };
  } catch (cause) {
    reportFailure(config.socketPath ?? `${bracket(config.host)}:${config.port}`, cause);
    return CLOSED;
  }
}

function listenOnPort(server: Server, { host: written, port, whenBusy, tls }: ScrapeConfig): void {
  let host = written.replace(/^\[(.*)\]$/, '$1');
  const wanted = `${bracket(host)}:${port}`;
  let mayMove = whenBusy === 'ephemeral';
  server.on('error', (cause: NodeJS.ErrnoException) => {
    if (host === '::' && isWithoutIpv6(cause)) {
      host = '0.0.0.0';
      server.listen(port, host);
    } else if (cause.code !== 'EADDRINUSE') reportFailure(wanted, cause);
    else if (mayMove) {
      mayMove = false;
      server.once('listening', () => {
        const url = `${tls === undefined ? 'http' : 'https'}://${placeOf(server)}${PATH}`;
        reportBusy(`${wanted} is taken; metrics are served at ${url} instead.`);
      });
      server.listen(0, host);
    } else {
      reportBusy(
        `Prometheus endpoint not opened: ${wanted} is taken. Other outputs are not affected. Set ` +
          'OTEL_EXPORTER_PROMETHEUS_PORT to a free port, or DUOTEL_METRICS_PORT_BUSY=ephemeral.',
      );
    }
  });
  server.listen(port, host);
}

function listenOnPath(server: Server, path: string): void {
  const { listenOnSocket, removeStaleSocket } = load('./scrape-socket.ts') as typeof ScrapeSocket;
  const giveUp = (): void =>
    reportBusy(
      `Prometheus endpoint not opened: the socket ${path} is taken. Other outputs are not affected. ` +
        'Name another one in OTEL_EXPORTER_PROMETHEUS_HOST.',
    );
  let mayRetry = true;
  server.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') reportFailure(path, cause);
    else if (!mayRetry) giveUp();
    else {
      mayRetry = false;
      void removeStaleSocket(path).then((isFree) => (isFree ? listenOnSocket(server, path) : giveUp()));
    }
  });
  listenOnSocket(server, path);
}

/** A host without IPv6 has no `::`; what was meant is every address. */
function isWithoutIpv6({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A host name may still be looked up; the listener it leads to must not outlive us.
    server.on('listening', () => server.close());
    // Answers with an error when nothing listens, which is as good as closed.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function pathOf(url: string | undefined): string {
  return (url ?? '').replace(/[?#].*$/s, '');
}

function reportFailure(wanted: string, cause: unknown): void {
  const message = `Prometheus endpoint at ${wanted}: ${describeCause(cause)}. Other outputs are not affected.`;
  notify({ code: 'DUOTEL_SCRAPE_FAILED', key: 'listener', message });
}

function reportBusy(message: string): void {
  notify({ code: 'DUOTEL_PORT_IN_USE', key: 'scrape', message });
}

function addressOf(server: Server): ScrapeAddress | undefined {
  // A socket has its path as address from the attempt on.
  if (!server.listening) return undefined;
  const address = server.address() as AddressInfo | string;
  return typeof address === 'string'
    ? { host: `unix:${address}`, port: 0 }
    : { host: address.address, port: address.port };
}

function placeOf(server: Server): string {
  const { host, port } = addressOf(server) ?? { host: '', port: 0 };
  return `${bracket(host)}:${port}`;
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
