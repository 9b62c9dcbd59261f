/**
 * An HTTP or HTTPS server that is bounded in everything a stranger can send.
 *
 * Layer: outputs. Loaded when the endpoint opens.
 */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { markOwn } from '../core/own-traffic.ts';
import type { ScrapeTls } from '../config/config.ts';

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  /** A scraper that comes more often keeps its connection; idle strangers make room. */
  keepAliveTimeout: 20_000,
} as const;
const HANDSHAKE_MILLIS = 5_000;
const MAX_CONNECTIONS = 64;
/** A peer that stops reading its page is cut off. */
const IDLE_MILLIS = 30_000;

/**
 * Makes a server that never holds the process and that telemetry does not observe.
 *
 * @throws when certificate or key cannot be read or do not belong together
 */
export function createListener(tls: ScrapeTls | undefined, onRequest: RequestListener): Server {
  const server = tls === undefined ? createServer(LIMITS, onRequest) : createTlsServer(tls, onRequest);
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_MILLIS);
  server.on('connection', (socket) => socket.unref());
  return markOwn(server.unref());
}

function createTlsServer({ certFile, keyFile, clientCaFile }: ScrapeTls, onRequest: RequestListener): Server {
  const server = process.getBuiltinModule('node:https').createServer(
    {
      ...LIMITS,
      handshakeTimeout: HANDSHAKE_MILLIS,
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
      ...(clientCaFile === undefined
        ? {}
        : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true }),
    },
    onRequest,
  );
  // Not a web server: a handshake that fails is the client's to tell.
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket) => socket.unref());
  return server;
}
