/**
 * Requests made with `fetch` and undici: one CLIENT span each, and the trace in their headers.
 *
 * Loaded with the first request. The channels are the same for the fetch inside Node and for undici 6 and later from
 * npm.
 * Layer: instrument.
 */
import { createAttachment } from './attachment.ts';
import {
  type ClientExchange,
  ClientExchanges,
  isSuppressed,
  outcomeOf,
  type Peer,
  type RequestTarget,
} from './client-exchange.ts';
import { resolvePlace } from './client-target.ts';
import { parseHost } from './host.ts';
import { resolveMethod } from './http-method.ts';
import type { HttpOptions } from './http-options.ts';

/** A request of undici, as far as it is used. */
export interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** Protocol of an upgrade, or null. */
  readonly upgrade?: unknown;
  /** Names and values in turn; a value is text or a list of texts. */
  readonly headers: (string | string[])[];
  addHeader(name: string, value: string): unknown;
}

/** Messages of undici's channels. */
export interface UndiciMessage {
  readonly request: UndiciRequest;
}
export interface UndiciSentMessage extends UndiciMessage {
  readonly socket: Peer & { readonly alpnProtocol?: string | false | null };
}
export interface UndiciResponseMessage extends UndiciMessage {
  readonly response: { readonly statusCode: number };
}
export interface UndiciErrorMessage extends UndiciMessage {
  readonly error: unknown;
}

/** The loaded half of the fetch instrumentation. */
export interface FetchInstrumentation {
  onRequest(message: UndiciMessage): void;
  onSent(message: UndiciSentMessage): void;
  onResponse(message: UndiciResponseMessage): void;
  onComplete(message: UndiciMessage): void;
  onError(message: UndiciErrorMessage): void;
}

const HEADER_SETTER = { set: setHeader };

export function createFetch(options: HttpOptions): FetchInstrumentation {
  const exchanges = new ClientExchanges(options, 'duotel/fetch');
  const attachment = createAttachment<ClientExchange>();
  return {
    onRequest({ request }) {
      // What follows an upgrade or CONNECT is no HTTP exchange, and no channel tells its end.
      if (request.method === 'CONNECT' || request.upgrade || isSuppressed()) return;
      const exchange = exchanges.begin(requestTarget(request));
      attachment.attach(request, exchange);
      exchanges.inject(exchange, request, HEADER_SETTER);
    },
    onSent({ request, socket }) {
      const exchange = attachment.of(request);
      if (exchange !== undefined) exchanges.connect(exchange, socket, socket.alpnProtocol === 'h2' ? '2' : '1.1');
    },
    onResponse({ request, response }) {
      const exchange = attachment.of(request);
      if (exchange !== undefined) exchanges.respond(exchange, response.statusCode);
    },
    onComplete({ request }) {
      const exchange = attachment.of(request);
      if (exchange !== undefined) exchanges.end(exchange, { status: 'complete' });
    },
    onError({ request, error }) {
      const exchange = attachment.of(request);
      if (exchange !== undefined) exchanges.end(exchange, outcomeOf(error));
    },
  };
}

function requestTarget({ origin, path, method, headers }: UndiciRequest): RequestTarget {
  const base = String(origin).replace(/\/$/, '');
  const separator = base.indexOf('://');
  const scheme = base.slice(0, separator);
  const { host, port } = parseHost(base.slice(separator + 3), scheme);
  return {
    method: resolveMethod(method),
    userAgent: headerText(headers, 'user-agent'),
    ...resolvePlace(path, { scheme, address: host, port }),
  };
}

/** The last value of a header. */
function headerText(headers: UndiciRequest['headers'], name: string): string | undefined {
  const index = indexOfHeader(headers, name);
  const value = index < 0 ? undefined : headers[index + 1];
  return typeof value === 'string' ? value : value?.at(-1);
}

/** Replaces a header where the application has set it itself: two of a kind would be read as none. */
function setHeader(request: UndiciRequest, name: string, value: string): void {
  const index = indexOfHeader(request.headers, name);
  if (index < 0) request.addHeader(name, value);
  else request.headers[index + 1] = value;
}

function indexOfHeader(headers: UndiciRequest['headers'], name: string): number {
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index];
    if (typeof candidate === 'string' && candidate.length === name.length && candidate.toLowerCase() === name)
      return index;
  }
  return -1;
}
