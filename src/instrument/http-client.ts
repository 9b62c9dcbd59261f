/**
 * Requests made with `http.request` and `https.request`: one CLIENT span each, and the trace in their headers.
 *
 * Loaded with the first request. Node announces each one on `http.client.request.created` from inside the constructor,
 * before any byte is sent. Two rare forms have composed their headers by then and travel without the trace: headers
 * given as an array, and `Expect`. So do all requests on Node 20, which announces them when they are sent.
 * Layer: instrument.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { guard } from '../core/guard.ts';
import { createAttachment } from './attachment.ts';
import { type ClientExchange, ClientExchanges, isSuppressed, outcomeOf } from './client-exchange.ts';
import { requestTarget } from './client-target.ts';
import type { HttpOptions } from './http-options.ts';

/** Messages of Node's client channels. */
export interface ClientMessage {
  readonly request: ClientRequest;
}
export interface ClientResponseMessage extends ClientMessage {
  readonly response: IncomingMessage;
}
export interface ClientErrorMessage extends ClientMessage {
  readonly error: unknown;
}

/** The loaded half of the client instrumentation. */
export interface HttpClientInstrumentation {
  onRequest(message: ClientMessage): void;
  /** The head of the response is there, although Node calls the channel `http.client.response.finish`. */
  onResponse(message: ClientResponseMessage): void;
  onError(message: ClientErrorMessage): void;
}

const HEADER_SETTER = {
  set: (request: ClientRequest, name: string, value: string): void => {
    request.setHeader(name, value);
  },
};

export function createHttpClient(options: HttpOptions): HttpClientInstrumentation {
  const exchanges = new ClientExchanges(options, 'duotel/http');
  const attachment = createAttachment<ClientExchange>();

  function onRequestClose(this: ClientRequest): void {
    guard('http.client.close', () => endAtClose(this), undefined);
  }
  function onResponseEnd(this: IncomingMessage): void {
    const exchange = attachment.of(this);
    if (exchange !== undefined)
      guard('http.client.end', () => exchanges.end(exchange, { status: 'complete' }), undefined);
  }

  /** Everything that did not end with the end of a response or with an error: unread, broken off, or upgraded. */
  function endAtClose(request: ClientRequest): void {
    const exchange = attachment.of(request);
    if (exchange === undefined || exchange.ended) return;
    // Not documented, and set for years; without it an upgraded request shows no status code.
    const { res: response } = request as { res?: IncomingMessage | null };
    if (response && exchange.statusCode === undefined) respond(exchange, response);
    if (response?.errored) exchanges.end(exchange, outcomeOf(response.errored));
    else exchanges.end(exchange, { status: response?.complete === false ? 'cancelled' : 'complete' });
  }

  function respond(exchange: ClientExchange, response: IncomingMessage): void {
    exchanges.connect(exchange, response.socket, response.httpVersion);
    exchanges.respond(exchange, response.statusCode ?? 0);
  }

  return {
    onRequest({ request }) {
      if (isSuppressed() || attachment.of(request) !== undefined) return;
      const exchange = exchanges.begin(requestTarget(request));
      attachment.attach(request, exchange);
      request.on('close', onRequestClose);
      if (!request.headersSent) exchanges.inject(exchange, request, HEADER_SETTER);
    },
    onResponse({ request, response }) {
      const exchange = attachment.of(request);
      if (exchange === undefined) return;
      respond(exchange, response);
      attachment.attach(response, exchange);
      response.on('end', onResponseEnd);
    },
    onError({ request, error }) {
      const exchange = attachment.of(request);
      if (exchange !== undefined) exchanges.end(exchange, outcomeOf(error));
    },
  };
}
