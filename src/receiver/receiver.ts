/**
 * A receiver for OTLP/HTTP and Sentry envelopes with a small store that can be queried, and switches for faults.
 *
 * Real enough to be sent to by any exporter, small enough to run inside a test: the demo, this package's own tests and
 * its users' tests stand on it.
 * Layer: receiver.
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { markOwn } from '../core/own-traffic.ts';
import { createFaultSwitches, type Fault } from './fault.ts';
import { createListener } from './listener.ts';
import type {
  ReceivedAttributes,
  ReceivedEnvelope,
  ReceivedLog,
  ReceivedMetric,
  ReceivedPoint,
  ReceivedRequest,
  ReceivedSpan,
} from './received.ts';
import { createStore, latestPoint, spansOfTrace } from './store.ts';
import { createWaits } from './wait.ts';

export interface ReceiverOptions {
  /** Port to listen on; 0 = any free one. Default: 0. */
  readonly port?: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  /** How many items of each kind are kept; the oldest are forgotten. Default: 10 000. */
  readonly maxItems?: number;
  /** How many bytes of bodies are kept, as themselves and again as items of each kind. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Larger bodies, before or after decompression, are answered with 413. Default: 20 MiB. */
  readonly maxBodyBytes?: number;
  /** Do not keep the process alive. Default: false. */
  readonly unref?: boolean;
  /** Serve HTTPS with this certificate and key (PEM); with `ca`, clients must show a certificate signed by it. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
}

/** How many items of each kind to wait for. */
export interface ReceivedCounts {
  readonly spans?: number;
  readonly logs?: number;
  readonly metrics?: number;
  readonly envelopes?: number;
  readonly sentrySpans?: number;
  readonly requests?: number;
}

/** A running receiver. The lists are live and read-only: oldest first, growing as items arrive. */
export interface Receiver {
  /** Address for `OTEL_EXPORTER_OTLP_ENDPOINT`, without a trailing slash. */
  readonly url: string;
  /** Address for `SENTRY_DSN`. */
  readonly dsn: string;
  /** Spans sent to `/v1/traces`, with or without a prefix. */
  readonly spans: readonly ReceivedSpan[];
  /** Spans sent to Sentry's OTLP address. */
  readonly sentrySpans: readonly ReceivedSpan[];
  readonly logs: readonly ReceivedLog[];
  /** One entry for each metric in each export. */
  readonly metrics: readonly ReceivedMetric[];
  readonly envelopes: readonly ReceivedEnvelope[];
  /** Every POST, whatever the answer. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections opened so far. */
  readonly connections: number;
  /** Items forgotten to stay within the limits. */
  readonly forgotten: number;
  /** Spans of one trace from all services, by start time. */
  trace(traceId: string): ReceivedSpan[];
  /** The newest point of a metric, by arrival, that has at least these attributes. */
  metric(name: string, attributes?: ReceivedAttributes): ReceivedPoint | undefined;
  /** Payloads of all envelope items of one type, for example `event`. */
  envelopeItems(type: string): unknown[];
  /**
   * Waits until `condition` gives something truthy, or until there are at least so many items.
   *
   * @param timeoutMillis - default 10 000
   * @throws (as a rejection) when the time is over; the message says what there is
   */
  waitFor<T>(condition: (receiver: Receiver) => T, timeoutMillis?: number): Promise<NonNullable<T>>;
  waitFor(counts: ReceivedCounts, timeoutMillis?: number): Promise<void>;
  /** Misbehaves from now on. Returns a function that ends it; `clear()` ends all. */
  fault(fault: Fault): () => void;
  /** Forgets items and faults, as if freshly started. */
  clear(): void;
  /** Stops listening and cuts all connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Starts a receiver.
 *
 * @throws (as a rejection) what `listen()` fails with, for example EADDRINUSE
 */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const store = createStore(options.maxItems ?? 10_000, options.maxBytes ?? 64 * MEBIBYTE);
  const faults = createFaultSwitches();
  const waits = createWaits();
  const maxBodyBytes = options.maxBodyBytes ?? 20 * MEBIBYTE;
  const listener = createListener({ store, faults, maxBodyBytes, onChange: waits.wake });
  const server = createServer(options.tls, listener);
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    if (options.unref) socket.unref();
    waits.wake();
  });
  const address = await listen(server, options);
  const scheme = options.tls ? 'https' : 'http';

  const receiver: Receiver = {
    url: `${scheme}://${address}`,
    dsn: `${scheme}://public@${address}/1`,
    spans: store.spans.entries,
    sentrySpans: store.sentrySpans.entries,
    logs: store.logs.entries,
    metrics: store.metrics.entries,
    envelopes: store.envelopes.entries,
    requests: store.requests.entries,
    get connections() {
      return connections;
    },
    get forgotten() {
      return Object.values(store).reduce((sum, list) => sum + list.forgotten, 0);
    },
    trace: (traceId) => spansOfTrace(store.spans.entries, traceId),
    metric: (name, attributes = {}) => latestPoint(store.metrics.entries, name, attributes),
    envelopeItems: (type) =>
      store.envelopes.entries.flatMap(({ items }) =>
        items.filter((item) => item.type === type).map((item) => item.payload),
      ),
    waitFor: <T>(condition: ReceivedCounts | ((receiver: Receiver) => T), timeoutMillis = 10_000) =>
      waits.until(
        () => isMet(receiver, condition),
        timeoutMillis,
        () => describe(receiver),
      ) as Promise<NonNullable<T> & void>,
    fault: faults.add,
    clear: () => {
      for (const list of Object.values(store)) list.clear();
      faults.clear();
    },
    close: () => close(server, waits.close),
    [Symbol.asyncDispose]: () => receiver.close(),
  };
  return receiver;
}

const COUNTED = ['spans', 'logs', 'metrics', 'envelopes', 'sentrySpans', 'requests'] as const;

function isMet<T>(receiver: Receiver, condition: ReceivedCounts | ((receiver: Receiver) => T)): T | boolean {
  if (typeof condition === 'function') return condition(receiver);
  return COUNTED.every((kind) => receiver[kind].length >= (condition[kind] ?? 0));
}

function describe(receiver: Receiver): string {
  const counts = COUNTED.map((kind) => `${receiver[kind].length} ${kind}`);
  const statuses = receiver.requests.map(({ signal, status }) => `${signal} ${status ?? 'unanswered'}`);
  return `there are ${counts.join(', ')} (${[...new Set(statuses)].join('; ') || 'nothing was sent'})`;
}

function createServer(tls: ReceiverOptions['tls'], listener: ReturnType<typeof createListener>): Server {
  const server = tls
    ? createHttpsServer({ ...tls, requestCert: tls.ca !== undefined }, listener)
    : createHttpServer(listener);
  // Exporters keep connections for longer than Node's 5 s between two batches; closing then would race with a request.
  server.keepAliveTimeout = 65_000;
  return markOwn(server);
}

async function listen(server: Server, { port = 0, host = '127.0.0.1', unref }: ReceiverOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (unref) server.unref();
  const { port: actualPort } = server.address() as AddressInfo;
  return `${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
}

async function close(server: Server, afterwards: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
  afterwards();
}
