/**
 * Endpoints that misbehave, each in a way of its own, for programs to send to.
 */
import { type Fault, startReceiver } from '../../src/testing.ts';
import { refusedUrl, startTcpServer } from '../unit/delivery/fault-server.ts';

/** A started endpoint. */
export interface FaultEndpoint {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** Spans and log records it has taken. */
  readonly delivered: () => number;
  close(): Promise<void>;
}

async function misbehaving(fault: Fault | undefined, scheme: string = 'http'): Promise<FaultEndpoint> {
  const receiver = await startReceiver();
  if (fault !== undefined) receiver.fault(fault);
  return {
    url: receiver.url.replace('http', scheme),
    delivered: () => receiver.spans.length + receiver.logs.length,
    close: () => receiver.close(),
  };
}

/** An endpoint that takes nothing. */
function silent(url: string, close: () => Promise<void> = () => Promise.resolve()): FaultEndpoint {
  return { url: url.replace('/v1/traces', ''), delivered: () => 0, close };
}

async function blackhole(): Promise<FaultEndpoint> {
  const server = await startTcpServer(() => undefined);
  return silent(server.url, server.close);
}

/** All of them, by the name the reference page has for them. */
export const ENDPOINTS = {
  ok: () => misbehaving(undefined),
  refused: async () => silent(await refusedUrl()),
  blackhole,
  slow: () => misbehaving({ delayMillis: 100 }),
  drip: () => misbehaving({ drip: true }),
  '401 Unauthorized': () => misbehaving({ status: 401 }),
  '404 Not Found': () => misbehaving({ status: 404 }),
  '413 Too Large': () => misbehaving({ status: 413 }),
  '429 + Retry-After': () => misbehaving({ status: 429, retryAfterSeconds: 30 }),
  '503 Unavailable': () => misbehaving({ status: 503 }),
  'reset mid-body': () => misbehaving({ resetMidBody: true }),
  'partial success': () => misbehaving({ partialSuccess: { rejected: 1, message: 'too old' } }),
  garbage: () => misbehaving({ garbage: true }),
  // RFC 6761: names under .invalid never resolve.
  'DNS failure': () => Promise.resolve(silent('http://nowhere.invalid:4318')),
  // A server that answers a TLS handshake in plain HTTP.
  'TLS failure': () => misbehaving(undefined, 'https'),
} as const satisfies Record<string, () => Promise<FaultEndpoint>>;

export type EndpointName = keyof typeof ENDPOINTS;

/** Endpoints that take everything, also if what they say about it is odd. */
export const DELIVERING: ReadonlySet<EndpointName> = new Set(['ok', 'slow', 'partial success', 'garbage']);
