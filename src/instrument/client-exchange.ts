/**
 * One outgoing request, whichever client made it.
 *
 * Layer: instrument. Source: semantic conventions for HTTP client spans and metrics.
 */
import {
  type Attributes,
  context,
  type Context,
  type Histogram,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapSetter,
  type Tracer,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { epochMillis, monotonicMillis } from '../core/clock.ts';
import { VERSION } from '../core/version.ts';
import { addBreadcrumb, areBreadcrumbsKept, type Breadcrumb } from '../request/breadcrumbs.ts';
import { requestOf } from '../request/request-context.ts';
import { ABORTED, errorType, isCancelled } from './error-type.ts';
import { defaultPort } from './host.ts';
import type { MethodNames } from './http-method.ts';
import { createDurationHistogram } from './http-metrics.ts';
import type { HttpOptions } from './http-options.ts';
import { recordFailure } from './record-failure.ts';
import { ExchangeContext } from './exchange-context.ts';
import { OutgoingTrust } from './outgoing-trust.ts';

/** Where a request goes. */
export interface RequestTarget {
  readonly method: MethodNames;
  /** `http` or `https`. */
  readonly scheme: string;
  /** IPv6 without brackets. */
  readonly address: string;
  /** Undefined where only the connection can tell. */
  readonly port: number | undefined;
  /** Path and query, without secrets. */
  readonly path: string;
  readonly userAgent: string | undefined;
}

/** The other end of the connection. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** A request under way. */
export interface ClientExchange {
  readonly target: RequestTarget;
  readonly span: Span;
  /** Holds the span. */
  readonly context: Context;
  readonly startMillis: number;
  /** Attributes of the duration metric, completed on the way. */
  readonly metricAttributes: Attributes;
  statusCode: number | undefined;
  ended: boolean;
}

/** Begins and ends exchanges. May throw: the channel subscribers that call it are guarded. */
export class ClientExchanges {
  readonly #tracer: Tracer;
  readonly #duration: Histogram;
  readonly #trust: OutgoingTrust;

  constructor({ tracerProvider, meterProvider, requests }: HttpOptions, scope: string) {
    this.#trust = new OutgoingTrust(requests);
    this.#tracer = tracerProvider.getTracer(scope, VERSION);
    this.#duration = createDurationHistogram(meterProvider, scope, 'client');
  }

  /** Starts the span of a request that runs in the active context. */
  begin(target: RequestTarget): ClientExchange {
    const { method, address, port } = target;
    const parent = context.active();
    const metricAttributes: Attributes = { 'http.request.method': method.method, 'server.address': address };
    const attributes = spanAttributes(target);
    if (port !== undefined) metricAttributes['server.port'] = attributes['server.port'] = port;
    const startMillis = monotonicMillis();
    const span = this.#tracer.startSpan(method.spanName, { kind: SpanKind.CLIENT, attributes }, parent);
    const scope = new ExchangeContext(parent, { span });
    return { target, span, context: scope, startMillis, metricAttributes, statusCode: undefined, ended: false };
  }

  /** Writes the headers that carry the exchange's trace to the server. */
  inject<T>({ context: scope, target }: ClientExchange, request: T, setter: TextMapSetter<T>): void {
    this.#trust.inject(scope, target, { request, setter });
  }

  /** Notes the connection; its port is the server's where the request did not name one. */
  connect(exchange: ClientExchange, peer: Peer | null, protocolVersion: string): void {
    note(exchange, 'network.protocol.version', protocolVersion);
    if (peer?.remoteAddress === undefined || peer.remotePort === undefined) return;
    exchange.span.setAttribute('network.peer.address', peer.remoteAddress);
    exchange.span.setAttribute('network.peer.port', peer.remotePort);
    if (exchange.target.port !== undefined) return;
    note(exchange, 'server.port', peer.remotePort);
    exchange.span.setAttribute('url.full', fullUrl(exchange.target, peer.remotePort));
  }

  /** Notes the status of the response. */
  respond(exchange: ClientExchange, statusCode: number): void {
    exchange.statusCode = statusCode;
    note(exchange, 'http.response.status_code', statusCode);
  }

  /** Ends the span and records the metric, the first time it is called. */
  end(exchange: ClientExchange, outcome: ClientOutcome): void {
    if (exchange.ended) return;
    exchange.ended = true;
    try {
      const type = resolveErrorType(exchange, outcome);
      if (areBreadcrumbsKept()) noteCall(exchange, type);
      if (type !== undefined) note(exchange, 'error.type', type);
      if (outcome.status === 'failed') recordFailure(exchange.span, outcome.error);
      else if (isErrorStatus(exchange.statusCode)) exchange.span.setStatus({ code: SpanStatusCode.ERROR });
    } finally {
      exchange.span.end();
    }
    const seconds = (monotonicMillis() - exchange.startMillis) / 1000;
    this.#duration.record(seconds, exchange.metricAttributes, exchange.context);
  }
}

/** How an exchange ended. `cancelled`: the program itself lost interest, which is no failure. */
export type ClientOutcome =
  | { readonly status: 'complete' }
  | { readonly status: 'cancelled'; readonly error?: unknown }
  | { readonly status: 'failed'; readonly error: unknown };

/** The outcome an error stands for. */
export function outcomeOf(error: unknown): ClientOutcome {
  return { status: isCancelled(error) ? 'cancelled' : 'failed', error };
}

/** Whether the active context wants no telemetry, as that of our own exports does. */
export function isSuppressed(): boolean {
  return isTracingSuppressed(context.active());
}

/** The call as a breadcrumb of the request it was made for. Keeps of the exchange what it is made of, not its span. */
function noteCall({ target, statusCode, context: scope }: ClientExchange, type: string | undefined): void {
  const timeMillis = epochMillis();
  addBreadcrumb(() => describeCall({ target, statusCode, type, timeMillis }), requestOf(scope));
}

interface Call {
  readonly target: RequestTarget;
  readonly statusCode: number | undefined;
  readonly type: string | undefined;
  readonly timeMillis: number;
}

function describeCall({ target, statusCode, type, timeMillis }: Call): Breadcrumb {
  const method = target.method.method;
  const url = fullUrl(target, target.port);
  const outcome = statusCode ?? type;
  return {
    kind: 'http',
    timeMillis,
    level: type === undefined ? 'info' : 'error',
    message: outcome === undefined ? `${method} ${url}` : `${method} ${url} ${outcome}`,
    data: {
      method,
      url,
      ...(statusCode !== undefined && { statusCode }),
      ...(type !== undefined && { error: type }),
    },
  };
}

/** Adds what both the span and the metric show. */
function note(exchange: ClientExchange, name: string, value: string | number): void {
  exchange.span.setAttribute(name, value);
  exchange.metricAttributes[name] = value;
}

/** What the span shows from its start, but for the port. */
function spanAttributes(target: RequestTarget): Attributes {
  const { method, address, userAgent } = target;
  const attributes: Attributes = {
    'http.request.method': method.method,
    'server.address': address,
    'url.full': fullUrl(target, target.port),
  };
  if (userAgent !== undefined) attributes['user_agent.original'] = userAgent;
  if (method.original !== undefined) attributes['http.request.method_original'] = method.original;
  return attributes;
}

function fullUrl({ scheme, address, path }: RequestTarget, port: number | undefined): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${scheme}://${host}${port === undefined || port === defaultPort(scheme) ? '' : `:${port}`}${path}`;
}

function resolveErrorType({ statusCode }: ClientExchange, outcome: ClientOutcome): string | undefined {
  if (outcome.status === 'complete') return isErrorStatus(statusCode) ? String(statusCode) : undefined;
  return outcome.error === undefined ? ABORTED : errorType(outcome.error);
}

/** On the client's side every 4xx and 5xx is an error, by the conventions. */
function isErrorStatus(statusCode: number | undefined): boolean {
  return statusCode !== undefined && statusCode >= 400;
}
