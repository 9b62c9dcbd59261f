/**
 * What responses say about their request: its id, its trace, how long it took.
 *
 * Loaded with the first request where headers are asked for. They are set when the head of the response is written,
 * because frameworks take all headers away when they answer with an error.
 * Layer: instrument. Source: W3C Server Timing; its entry `traceparent` is what Grafana Faro and others read in browsers.
 */
import type { ServerResponse } from 'node:http';
import { isSpanContextValid } from '@opentelemetry/api';
import { monotonicMillis } from '../core/clock.ts';
import { guard } from '../core/guard.ts';
import type { ResponseHeader } from '../config/config.ts';
import { replaceMethod } from './replace-method.ts';
import type { ServerExchange, ServerExchanges } from './server-exchange.ts';

type WriteHead = (this: object, ...args: unknown[]) => unknown;

/**
 * Adds the headers to all responses of a class.
 *
 * A header of that name that the application sets itself wins; entries of `Server-Timing` are added to its own.
 *
 * @returns a function that ends it
 */
export function coverResponseHeaders(
  prototype: object,
  names: readonly ResponseHeader[],
  exchanges: ServerExchanges,
): () => void {
  return replaceMethod<WriteHead>(
    prototype,
    'writeHead',
    (original) =>
      function writeHead(this: object, ...args) {
        const exchange = exchanges.of(this);
        if (exchange !== undefined) guard('http.server.headers', () => setHeaders(exchange, names), undefined);
        return original.apply(this, args);
      },
  );
}

function setHeaders(exchange: ServerExchange, names: readonly ResponseHeader[]): void {
  const { response } = exchange;
  if (response.headersSent) return;
  for (const name of names) {
    const value = VALUES[name](exchange);
    if (value === undefined) continue;
    if (!response.hasHeader(name)) response.setHeader(SPELLINGS[name], value);
    else if (name === 'server-timing') append(response, value);
  }
}

function append(response: ServerResponse, timing: string): void {
  const own = response.getHeader('server-timing');
  // A head that is written twice, as some proxies of responses do, gets no second entry.
  if (String(own).includes('total;dur=')) return;
  response.setHeader(SPELLINGS['server-timing'], [own, timing].flat().join(', '));
}

const SPELLINGS: Readonly<Record<ResponseHeader, string>> = {
  'x-request-id': 'X-Request-ID',
  'server-timing': 'Server-Timing',
  'x-trace-id': 'X-Trace-ID',
};

const VALUES: Readonly<Record<ResponseHeader, (exchange: ServerExchange) => string | undefined>> = {
  'x-request-id': ({ request }) => request.id,
  'server-timing': (exchange) => {
    const trace = spanContextOf(exchange);
    const total = `total;dur=${(monotonicMillis() - exchange.startMillis).toFixed(1)}`;
    if (trace === undefined) return total;
    const flags = (trace.traceFlags & 0xff).toString(16).padStart(2, '0');
    return `${total}, traceparent;desc="00-${trace.traceId}-${trace.spanId}-${flags}"`;
  },
  'x-trace-id': (exchange) => spanContextOf(exchange)?.traceId,
};

function spanContextOf({ observation }: ServerExchange) {
  const spanContext = observation?.span.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}
