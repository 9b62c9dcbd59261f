/**
 * One incoming request from its first listener to the close of its response.
 *
 * Layer: instrument. Source: semantic conventions for HTTP server spans and metrics.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Attributes,
  context,
  type Context,
  type Histogram,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed, type RPCMetadata, RPCType } from '@opentelemetry/core';
import { monotonicMillis } from '../core/clock.ts';
import { degrade } from '../core/guard.ts';
import { isOwn } from '../core/own-traffic.ts';
import { VERSION } from '../core/version.ts';
import { createAttachment } from './attachment.ts';
import { ABORTED, errorType } from './error-type.ts';
import { type MethodNames, resolveMethod } from './http-method.ts';
import {
  type ActiveCount,
  type ActiveRequests,
  createActiveRequests,
  createDurationHistogram,
} from './http-metrics.ts';
import type { HttpOptions } from './http-options.ts';
import { recordFailure } from './record-failure.ts';
import { RequestContext } from './request-context.ts';
import { requestScheme, serverAttributes } from './server-attributes.ts';

const SCOPE = 'duotel/http';

/** A request under way. */
export interface ServerExchange {
  /** Holds the span and the RPC metadata. */
  readonly context: Context;
  /** Where frameworks write the route. */
  readonly rpc: RPCMetadata;
  readonly span: Span;
  readonly method: MethodNames;
  readonly protocolVersion: string;
  readonly startMillis: number;
  readonly active: ActiveCount;
  readonly response: ServerResponse;
  ended: boolean;
}

/** Why an exchange is over although its response is not complete. */
export interface Failure {
  readonly error: unknown;
}

/** Begins and ends exchanges; none of its methods throws. */
export class ServerExchanges {
  readonly #tracer: Tracer;
  readonly #duration: Histogram;
  readonly #activeRequests: ActiveRequests;
  readonly #exchanges = createAttachment<ServerExchange>();
  readonly #ServerResponse: typeof ServerResponse = process.getBuiltinModule('node:http').ServerResponse;
  #stopped = false;

  constructor({ tracerProvider, meterProvider }: HttpOptions) {
    this.#tracer = tracerProvider.getTracer(SCOPE, VERSION);
    this.#duration = createDurationHistogram(meterProvider, SCOPE, 'server');
    this.#activeRequests = createActiveRequests(meterProvider, SCOPE);
  }

  /**
   * Starts the span of a request, or gives undefined where there is to be none: the server is telemetry's own, tracing
   * is suppressed, the request is under way already, or the response is not Node's.
   */
  begin(server: object, request: IncomingMessage, response: ServerResponse): ServerExchange | undefined {
    try {
      if (this.#stopped || isOwn(server) || !(response instanceof this.#ServerResponse)) return undefined;
      if (this.of(response) !== undefined || this.of(request) !== undefined) return undefined;
      if (isTracingSuppressed(context.active())) return undefined;
      const exchange = this.#start(request, response);
      this.#exchanges.attach(request, exchange);
      this.#exchanges.attach(response, exchange);
      return exchange;
    } catch (cause) {
      degrade('http.server.begin', cause);
      return undefined;
    }
  }

  /** The exchange of a request or of a response. */
  of(message: object): ServerExchange | undefined {
    return this.#exchanges.of(message);
  }

  /**
   * Ends the span and records the metrics, the first time it is called.
   *
   * @param failure - set when the server's own side failed; a client that went away is no failure
   */
  end(exchange: ServerExchange, failure?: Failure): void {
    if (exchange.ended) return;
    exchange.ended = true;
    exchange.active.value -= 1;
    try {
      const outcome = resolveOutcome(exchange, failure);
      try {
        describeOutcome(exchange, outcome, failure);
      } finally {
        exchange.span.end();
      }
      const seconds = (monotonicMillis() - exchange.startMillis) / 1000;
      this.#duration.record(seconds, metricAttributes(exchange, outcome), exchange.context);
    } catch (cause) {
      degrade('http.server.end', cause);
    }
  }

  /** Lets every later request pass untouched. */
  stop(): void {
    this.#stopped = true;
    this.#activeRequests.stop();
  }

  #start(request: IncomingMessage, response: ServerResponse): ServerExchange {
    const method = resolveMethod(request.method);
    const scheme = requestScheme(request);
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const startMillis = monotonicMillis();
    const span = this.#tracer.startSpan(
      method.spanName,
      { kind: SpanKind.SERVER, attributes: serverAttributes(request, method, scheme) },
      parent,
    );
    const rpc: RPCMetadata = { type: RPCType.HTTP, span };
    const active = this.#activeRequests.count(method.method, scheme);
    active.value += 1;
    return {
      context: new RequestContext(parent, span, rpc),
      rpc,
      span,
      method,
      protocolVersion: request.httpVersion,
      startMillis,
      active,
      response,
      ended: false,
    };
  }
}

/** What the end of an exchange adds to its span and to the duration metric. */
interface Outcome {
  /** Undefined if the response never got as far as its headers. */
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly route: string | undefined;
}

function resolveOutcome({ response, rpc }: ServerExchange, failure: Failure | undefined): Outcome {
  const statusCode = response.headersSent ? response.statusCode : undefined;
  return { statusCode, errorType: resolveErrorType(response, statusCode, failure), route: rpc.route };
}

function resolveErrorType(
  response: ServerResponse,
  statusCode: number | undefined,
  failure: Failure | undefined,
): string | undefined {
  if (failure !== undefined) return errorType(failure.error);
  if (statusCode !== undefined && statusCode >= 500) return String(statusCode);
  return response.writableFinished ? undefined : ABORTED;
}

function describeOutcome({ span, method }: ServerExchange, outcome: Outcome, failure: Failure | undefined): void {
  const { statusCode, route } = outcome;
  if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode);
  if (outcome.errorType !== undefined) span.setAttribute('error.type', outcome.errorType);
  if (route !== undefined) {
    span.setAttribute('http.route', route);
    span.updateName(`${method.spanName} ${route}`);
  }
  if (failure !== undefined) recordFailure(span, failure.error);
  else if (statusCode !== undefined && statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
}

function metricAttributes({ active, protocolVersion }: ServerExchange, outcome: Outcome): Attributes {
  const attributes: Attributes = { ...active.attributes, 'network.protocol.version': protocolVersion };
  if (outcome.statusCode !== undefined) attributes['http.response.status_code'] = outcome.statusCode;
  if (outcome.route !== undefined) attributes['http.route'] = outcome.route;
  if (outcome.errorType !== undefined) attributes['error.type'] = outcome.errorType;
  return attributes;
}
