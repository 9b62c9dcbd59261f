/**
 * One incoming request from its first listener to the close of its response.
 *
 * Layer: instrument. Source: semantic conventions for HTTP server spans and metrics.
 */
import type { IncomingMessage } from 'node:http';
import {
  context,
  type Context,
  type Histogram,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed, type RPCMetadata, RPCType, suppressTracing } from '@opentelemetry/core';
import { monotonicMillis } from '../core/clock.ts';
import { degrade } from '../core/guard.ts';
import { isOwn } from '../core/own-traffic.ts';
import { VERSION } from '../core/version.ts';
import { RequestContext } from '../request/request-context.ts';
import { createAttachment } from './attachment.ts';
import type { BodySizes } from './body-sizes.ts';
import { ExchangeContext } from './exchange-context.ts';
import { type MethodNames, resolveMethod } from './http-method.ts';
import {
  type ActiveCount,
  type ActiveRequests,
  createActiveRequests,
  createDurationHistogram,
  SERVER_SCOPE,
} from './http-metrics.ts';
import type { HttpOptions } from './http-options.ts';
import { createIgnoreRule, type IgnoreRule } from './ignore-rule.ts';
import { protocolVersion, requestScheme, serverAttributes } from './server-attributes.ts';
import { describeOutcome, type Failure, metricAttributes, resolveOutcome } from './server-outcome.ts';
import { type AnyResponse, ResponseClasses } from './server-response.ts';

/** A request under way. */
export interface ServerExchange {
  /** Holds the request and, where it is observed, span and RPC metadata. */
  readonly context: Context;
  readonly request: RequestContext;
  readonly message: IncomingMessage;
  readonly response: AnyResponse;
  readonly startMillis: number;
  /** Undefined where a rule ignores the request. */
  readonly observation: Observation | undefined;
  ended: boolean;
}

/** What is kept of a request that leaves a span and metrics. */
export interface Observation {
  readonly span: Span;
  /** Where frameworks write the route. */
  readonly rpc: RPCMetadata;
  readonly method: MethodNames;
  readonly protocolVersion: string;
  readonly active: ActiveCount;
}

interface Parent {
  readonly context: Context;
  readonly links: Link[];
}

/** What is done in the context of an ignored request leaves no spans either. */
const IGNORED = suppressTracing(ROOT_CONTEXT);

/** Begins and ends exchanges; none of its methods throws. */
export class ServerExchanges {
  readonly responses: ResponseClasses = new ResponseClasses();
  readonly #options: HttpOptions;
  readonly #tracer: Tracer;
  readonly #duration: Histogram;
  readonly #activeRequests: ActiveRequests;
  readonly #exchanges = createAttachment<ServerExchange>();
  readonly #isIgnored: IgnoreRule;
  readonly #sendsId: boolean;
  readonly #bodySizes: BodySizes | undefined;
  #stopped: boolean;

  constructor(options: HttpOptions, bodySizes?: BodySizes) {
    this.#options = options;
    this.#tracer = options.tracerProvider.getTracer(SERVER_SCOPE, VERSION);
    this.#duration = createDurationHistogram(options.meterProvider, SERVER_SCOPE, 'server');
    this.#activeRequests = createActiveRequests(options.meterProvider, SERVER_SCOPE);
    this.#isIgnored = createIgnoreRule(options.requests.ignore);
    this.#sendsId = options.requests.responseHeaders.includes('x-request-id');
    this.#bodySizes = bodySizes;
    this.#stopped = options.requests.http === 'upstream';
  }

  /**
   * Begins the exchange of a request, or gives undefined where there is to be none: the server is telemetry's own,
   * tracing is suppressed, the request is under way already, or the response is not Node's.
   */
  begin(server: object, message: IncomingMessage, response: object): ServerExchange | undefined {
    try {
      if (this.#stopped || isOwn(server) || !this.responses.has(response)) return undefined;
      if (this.of(response) !== undefined || this.of(message) !== undefined) return undefined;
      if (isTracingSuppressed(context.active())) return undefined;
      const exchange = this.#start(message, response);
      this.#exchanges.attach(message, exchange);
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
    const { observation } = exchange;
    if (observation === undefined) return;
    observation.active.value -= 1;
    try {
      this.#record(exchange, observation, failure);
    } catch (cause) {
      degrade('http.server.end', cause);
    }
  }

  /** Lets every later request pass untouched. */
  stop(): void {
    this.#stopped = true;
    this.#activeRequests.stop();
  }

  #start(message: IncomingMessage, response: AnyResponse): ServerExchange {
    const startMillis = monotonicMillis();
    const { trustIncoming } = this.#options.requests;
    const request = new RequestContext(trustIncoming ? message.headers['x-request-id'] : undefined);
    const parent = this.#isIgnored(message) ? undefined : this.#extract(message);
    const observation = parent && this.#observe(message, request, parent);
    return {
      context: new ExchangeContext(parent?.context ?? IGNORED, {
        span: observation?.span,
        rpc: observation?.rpc,
        request,
      }),
      request,
      message,
      response,
      startMillis,
      observation,
      ended: false,
    };
  }

  #observe(message: IncomingMessage, request: RequestContext, parent: Parent): Observation {
    const method = resolveMethod(message.method);
    const scheme = requestScheme(message);
    const attributes = serverAttributes(message, method, scheme);
    const id = this.#sendsId ? request.id : request.knownId;
    if (id !== undefined) attributes['request.id'] = id;
    const options = { kind: SpanKind.SERVER, attributes, links: parent.links };
    const span = this.#tracer.startSpan(method.spanName, options, parent.context);
    request.observeWith(span, attributes);
    const active = this.#activeRequests.count(method.method, scheme);
    active.value += 1;
    return { span, rpc: { type: RPCType.HTTP, span }, method, protocolVersion: protocolVersion(message), active };
  }

  /** What the request came with: its parent, or, from a stranger, a link. */
  #extract({ headers }: IncomingMessage): Parent {
    const incoming = propagation.extract(ROOT_CONTEXT, headers);
    if (this.#options.requests.trustIncoming) return { context: incoming, links: NO_LINKS };
    const remote = trace.getSpanContext(incoming);
    return { context: ROOT_CONTEXT, links: remote === undefined ? NO_LINKS : [{ context: remote }] };
  }

  #record(exchange: ServerExchange, observation: Observation, failure: Failure | undefined): void {
    const endMillis = monotonicMillis();
    const outcome = resolveOutcome(observation, exchange.response, failure);
    const { statusCode } = outcome;
    const error = statusCode !== undefined && statusCode >= 500 && exchange.request.failure;
    try {
      // First: what the conventions say of the span comes after what we say.
      if (error) this.#options.onServerError?.(error, exchange.context);
      describeOutcome(observation, outcome, failure);
    } finally {
      // What we say of an error takes time that is not the request's.
      observation.span.end(error ? endMillis : undefined);
    }
    const attributes = metricAttributes(observation, outcome);
    this.#duration.record((endMillis - exchange.startMillis) / 1000, attributes, exchange.context);
    this.#bodySizes?.record(exchange, attributes);
  }
}

/** Shared: spans copy the links they are given. */
const NO_LINKS: Link[] = [];
