/**
 * Stands where Node hands incoming requests to the application.
 *
 * Loaded with the first request. Node announces each one on `http.server.request.start` right before it calls
 * `server.emit('request')`: early enough to step in front of that `emit`. The events of the messages find into the
 * request's context through the `emit` of the two message classes: Node carries a context by itself except into
 * events that come straight from the connection, such as the later chunks of a body or an abort. Binding every
 * emitter and listener instead costs more than all the rest of a span. HTTP/2 servers announce nothing and are covered
 * one by one when they begin to listen; those that listen for `stream` work below requests and are left alone.
 * Layer: instrument.
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import { isOwn } from '../core/own-traffic.ts';
import { requestOf } from '../request/request-context.ts';
import type * as BodySizesModule from './body-sizes.ts';
import type { BodySizes } from './body-sizes.ts';
import { callEmit, type Emit, type Emitting, wrapEmit } from './emit-wrap.ts';
import type { HttpOptions, TakeRequest } from './http-options.ts';
import type * as ResponseHeadersModule from './response-headers.ts';
import { type ServerExchange, ServerExchanges } from './server-exchange.ts';
import { failureOf } from './server-response.ts';
import { endIfUncaught, endWithConnection } from './unusual-ends.ts';

const load = createRequire(import.meta.url);

/** Message of the channel `http.server.request.start`, as far as it is used. */
export interface RequestStart {
  readonly server: object;
}

/** The loaded half of the server instrumentation. */
export interface HttpServerInstrumentation {
  /** Sees to it that the `emit` the server is about to call passes by here. */
  onRequestStart(message: RequestStart): void;
  /** Covers an HTTP/2 server, whose requests are announced nowhere. */
  coverHttp2(server: object): void;
  stop(): void;
}

/** Covers the message classes at once, and servers from their first request on. */
export function createHttpServer(options: HttpOptions): HttpServerInstrumentation {
  const { responseHeaders, bodySizes: wantsSizes } = options.requests;
  const sizes = wantsSizes ? bodySizesModule().createBodySizes(options.meterProvider) : undefined;
  const exchanges = new ServerExchanges(options, sizes);
  const covered = new WeakSet<object>();
  const unwraps: (() => void)[] = [];
  const coverMessages = (requests: object, responses: object): void => {
    if (covered.has(requests)) return;
    covered.add(requests);
    unwraps.push(
      wrapEmit(asEmitting(requests), (original) => emitOfRequest(original, exchanges, sizes)),
      wrapEmit(asEmitting(responses), (original) => emitOfResponse(original, exchanges)),
    );
    sizes?.cover(responses, exchanges);
    if (responseHeaders.length > 0)
      unwraps.push(responseHeadersModule().coverResponseHeaders(responses, responseHeaders, exchanges));
  };
  const cover = (holder: object): (() => void) | undefined => {
    if (covered.has(holder)) return undefined;
    covered.add(holder);
    return wrapEmit(asEmitting(holder), (original) => emitOfServer(original, exchanges, options.take));
  };
  const { IncomingMessage: Requests, ServerResponse: Responses } = process.getBuiltinModule('node:http');
  coverMessages(Requests.prototype, Responses.prototype);
  return {
    onRequestStart({ server }) {
      if (covered.has(server)) return;
      const prototype = serverPrototype(server);
      const unwrap = prototype && cover(prototype);
      if (unwrap !== undefined) unwraps.push(unwrap);
      // A server with an `emit` of its own may have taken the prototype's before it was covered. Wraps on single
      // servers stay after `stop()`, inert: holding on to every server would be a leak.
      if (prototype === undefined || Object.hasOwn(server, 'emit')) cover(server);
      else covered.add(server);
    },
    coverHttp2(server) {
      const { Http2ServerRequest, Http2ServerResponse } = process.getBuiltinModule('node:http2');
      exchanges.responses.includeHttp2();
      coverMessages(Http2ServerRequest.prototype, Http2ServerResponse.prototype);
      cover(server);
    },
    stop() {
      exchanges.stop();
      sizes?.stop();
      for (const unwrap of unwraps) unwrap();
    },
  };
}

function bodySizesModule(): typeof BodySizesModule {
  return load('./body-sizes.ts') as typeof BodySizesModule;
}

function responseHeadersModule(): typeof ResponseHeadersModule {
  return load('./response-headers.ts') as typeof ResponseHeadersModule;
}

function asEmitting(holder: object): Emitting {
  return holder as Emitting;
}

/** The class whose `emit` serves all servers of the kind; undefined for unusual ones, such as HTTP/1 on an HTTP/2 port. */
function serverPrototype(server: object): object | undefined {
  const { Server } = process.getBuiltinModule('node:http');
  if (server instanceof Server) return Server.prototype;
  // Costs nothing here: whoever made an HTTPS server has loaded it.
  const https = process.getBuiltinModule('node:https');
  return server instanceof https.Server ? https.Server.prototype : undefined;
}

const REQUEST_EVENTS: ReadonlySet<string | symbol> = new Set(['request', 'checkContinue', 'checkExpectation']);

function emitOfServer(original: Emit, exchanges: ServerExchanges, take: TakeRequest | undefined): Emit {
  return function emit(this: object, event: string | symbol): boolean {
    const args = arguments; // Passed on as they came, without an array per event.
    if (!REQUEST_EVENTS.has(event)) return callEmit(original, this, args);
    const request = args[1] as IncomingMessage;
    if (take !== undefined && !isOwn(this) && take(request, args[2] as ServerResponse)) return true;
    const exchange = exchanges.begin(this, request, args[2] as object);
    if (exchange === undefined) return callEmit(original, this, args);
    if (exchange.response.socket === null) awaitTurn(exchange, request, exchanges);
    let threw = true;
    try {
      const heard = context.with(exchange.context, callEmit, undefined, original, this, args);
      threw = false;
      return heard;
    } finally {
      // Not caught: an error thrown again would be reported as thrown here instead of where it was.
      if (threw) endIfUncaught(exchange, exchanges);
    }
  };
}

function awaitTurn(exchange: ServerExchange, { socket }: IncomingMessage, exchanges: ServerExchanges): void {
  guard('http.server.queue', () => endWithConnection(exchange, socket, exchanges), undefined);
}

function emitOfRequest(original: Emit, exchanges: ServerExchanges, sizes: BodySizes | undefined): Emit {
  return function emit(this: object, event: string | symbol): boolean {
    const exchange = exchanges.of(this);
    if (sizes !== undefined && event === 'data' && exchange !== undefined) sizes.received(exchange, arguments[1]);
    return exchange === undefined
      ? callEmit(original, this, arguments)
      : emitInside(exchange, original, this, arguments);
  };
}

function emitOfResponse(original: Emit, exchanges: ServerExchanges): Emit {
  return function emit(this: object, event: string | symbol): boolean {
    const args = arguments; // Passed on as they came, without an array per event.
    const exchange = exchanges.of(this);
    if (exchange === undefined) return callEmit(original, this, args);
    if (event !== 'close') return emitInside(exchange, original, this, args);
    // Asked before the listeners run: one that destroys the response because the client left is no failure.
    const error = failureOf(exchange.response);
    try {
      return emitInside(exchange, original, this, args);
    } finally {
      exchanges.end(exchange, error ? { error } : undefined);
    }
  };
}

/** Emits in the request's context, unless the event comes from within it already or nobody listens. */
function emitInside(exchange: ServerExchange, original: Emit, emitter: object, args: IArguments): boolean {
  const event = args[0] as string;
  // Without a listener, `error` is thrown, and whoever hears of it then wants to know the request.
  const isHeard = event === 'error' || (emitter as EventEmitter).listenerCount(event) > 0;
  return isHeard && requestOf(context.active()) !== exchange.request
    ? context.with(exchange.context, callEmit, undefined, original, emitter, args)
    : callEmit(original, emitter, args);
}
