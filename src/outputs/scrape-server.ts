/**
 * The listener of the Prometheus endpoint, bounded in everything a stranger can send.
 *
 * Layer: outputs. Loaded when the endpoint opens.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import { markOwn } from '../core/own-traffic.ts';
import type { ScrapeConfig } from '../config/config.ts';
import { replyText } from './scrape-reply.ts';

const PATH = '/metrics';

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  /** A scraper that comes more often keeps its connection; idle strangers make room. */
  keepAliveTimeout: 20_000,
} as const;
const MAX_CONNECTIONS = 64;
/** A peer that stops reading its page is cut off. */
const IDLE_MILLIS = 30_000;

/** Where the page is served. */
export interface ScrapeAddress {
  readonly host: string;
  readonly port: number;
}

/** A listener, open or opening. */
export interface ScrapeServer {
  /** `undefined` while nothing listens. */
  address(): ScrapeAddress | undefined;
  /** Resolves when the port is free. Never rejects. */
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Opens the listener; a taken port and other trouble are told in one notice each. Never holds the process. */
export function openScrapeServer(config: ScrapeConfig, handler: Handler): ScrapeServer {
  const host = config.host.replace(/^\[(.*)\]$/, '$1');
  const wanted = `${bracket(host)}:${config.port}`;
  const server = createBoundedServer(handler);
  let mayMove = config.whenBusy === 'ephemeral';
  server.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') reportFailure(wanted, cause);
    else if (mayMove) {
      mayMove = false;
      server.once('listening', () => reportBusy(`${wanted} is taken; metrics are served at ${urlOf(server)} instead.`));
      server.listen(0, host);
    } else {
      reportBusy(
        `Prometheus endpoint not opened: ${wanted} is taken. Other outputs are not affected. Set ` +
          'OTEL_EXPORTER_PROMETHEUS_PORT to a free port, or DUOTEL_METRICS_PORT_BUSY=ephemeral.',
      );
    }
  });
  server.listen(config.port, host);
  return { address: () => addressOf(server), close: () => closeServer(server) };
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

function createBoundedServer(handler: Handler): Server {
  const server = createServer(LIMITS, (request, response) => {
    if (pathOf(request.url) === PATH) handler(request, response);
    else replyText(response, 404, `Metrics are at ${PATH}.`);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_MILLIS);
  server.on('connection', (socket) => socket.unref());
  return markOwn(server.unref());
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
  const address = server.address() as AddressInfo | null;
  return address === null ? undefined : { host: address.address, port: address.port };
}

function urlOf(server: Server): string {
  const { host, port } = addressOf(server) ?? { host: '', port: 0 };
  return `http://${bracket(host)}:${port}${PATH}`;
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
