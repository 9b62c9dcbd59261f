/**
 * How the exchange of a server ended, for its span and for its metrics.
 *
 * Layer: instrument. Source: semantic conventions for HTTP server spans and metrics.
 */
import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import { ABORTED, errorType } from './error-type.ts';
import { recordFailure } from './record-failure.ts';
import type { Observation } from './server-exchange.ts';
import { type AnyResponse, isComplete } from './server-response.ts';

/** Why an exchange is over although its response is not complete. */
export interface Failure {
  readonly error: unknown;
}

/** What the end of an exchange adds to its span and to its metrics. */
export interface Outcome {
  /** Undefined if the response never got as far as its headers. */
  readonly statusCode: number | undefined;
  readonly errorType: string | undefined;
  readonly route: string | undefined;
}

export function resolveOutcome({ rpc }: Observation, response: AnyResponse, failure: Failure | undefined): Outcome {
  const statusCode = response.headersSent ? response.statusCode : undefined;
  return { statusCode, errorType: resolveErrorType(response, statusCode, failure), route: rpc.route };
}

function resolveErrorType(
  response: AnyResponse,
  statusCode: number | undefined,
  failure: Failure | undefined,
): string | undefined {
  if (failure !== undefined) return errorType(failure.error);
  if (statusCode !== undefined && statusCode >= 500) return String(statusCode);
  return isComplete(response) ? undefined : ABORTED;
}

/** Writes the outcome to the span. */
export function describeOutcome({ span, method }: Observation, outcome: Outcome, failure: Failure | undefined): void {
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

/** Attributes of the metrics of an ended exchange. */
export function metricAttributes({ active, protocolVersion }: Observation, outcome: Outcome): Attributes {
  const attributes: Attributes = { ...active.attributes, 'network.protocol.version': protocolVersion };
  if (outcome.statusCode !== undefined) attributes['http.response.status_code'] = outcome.statusCode;
  if (outcome.route !== undefined) attributes['http.route'] = outcome.route;
  if (outcome.errorType !== undefined) attributes['error.type'] = outcome.errorType;
  return attributes;
}
