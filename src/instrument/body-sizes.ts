/**
 * Sizes of request and response bodies on servers, as metrics.
 *
 * Loaded with the first request where the metrics are asked for: responses keep no count, so every write is seen.
 * Counted is what crosses the connection: after compression, without headers and the framing of chunks.
 * Layer: instrument. Source: semantic conventions for HTTP metrics (opt-in ones).
 */
import type { IncomingMessage } from 'node:http';
import type { Attributes, Histogram, MeterProvider } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import { createBodySizeHistogram } from './http-metrics.ts';
import { replaceMethod } from './replace-method.ts';
import type { ServerExchange, ServerExchanges } from './server-exchange.ts';

/** Counts bodies. */
export interface BodySizes {
  /** Adds a chunk of the body of a request. */
  received(exchange: ServerExchange, chunk: unknown): void;
  /** Sees to it that what is written through these responses is counted. */
  cover(prototype: object, exchanges: ServerExchanges): void;
  /** Records both sizes of an ended exchange. */
  record(exchange: ServerExchange, attributes: Attributes): void;
  stop(): void;
}

interface Counts {
  received: number;
  sent: number;
  /** Whether a write is under way: in HTTP/2 `end` writes its chunk with `write`. */
  isWriting: boolean;
}

type Write = (this: object, chunk?: unknown, encoding?: unknown, ...rest: unknown[]) => unknown;

export function createBodySizes(meterProvider: MeterProvider): BodySizes {
  const [request, response]: Histogram[] = (['request', 'response'] as const).map((body) =>
    createBodySizeHistogram(meterProvider, body),
  );
  const counts = new WeakMap<ServerExchange, Counts>();
  const restores: (() => void)[] = [];
  const countsOf = (exchange: ServerExchange): Counts => {
    let known = counts.get(exchange);
    if (known === undefined) counts.set(exchange, (known = { received: 0, sent: 0, isWriting: false }));
    return known;
  };
  const counting = (exchanges: ServerExchanges) => (original: Write) =>
    function write(this: object, ...args: Parameters<Write>): unknown {
      const exchange = exchanges.of(this);
      const count = exchange && countsOf(exchange);
      if (count === undefined || count.isWriting) return original.apply(this, args);
      count.sent += guard('http.server.body', () => sizeOf(args[0], args[1]), 0);
      count.isWriting = true;
      try {
        return original.apply(this, args);
      } finally {
        count.isWriting = false;
      }
    };
  return {
    received: (exchange, chunk) => {
      countsOf(exchange).received += sizeOf(chunk, undefined);
    },
    cover(prototype, exchanges) {
      for (const name of ['write', 'end']) restores.push(replaceMethod(prototype, name, counting(exchanges)));
    },
    record(exchange, attributes) {
      const { received, sent } = countsOf(exchange);
      request?.record(declaredSize(exchange.message) ?? received, attributes, exchange.context);
      response?.record(hasBody(exchange) ? sent : 0, attributes, exchange.context);
    },
    stop() {
      for (const restore of restores) restore();
    },
  };
}

/** What the client said: the body may never have been read. */
function declaredSize({ headers }: IncomingMessage): number | undefined {
  const declared = headers['content-length'];
  return declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : undefined;
}

/** Node accepts a body for these and sends none. */
function hasBody({ message, response }: ServerExchange): boolean {
  return message.method !== 'HEAD' && response.statusCode !== 204 && response.statusCode !== 304;
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}
