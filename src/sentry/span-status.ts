/**
 * How a span ended, in Sentry's words.
 *
 * Layer: sentry. Source: develop.sentry.dev, “Span Status”, which are the codes of gRPC and how HTTP maps to them.
 */
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** In the order of the numbers of gRPC. */
const GRPC = [
  'ok',
  'cancelled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal_error',
  'unavailable',
  'data_loss',
  'unauthenticated',
] as const;

export type SentryStatus = (typeof GRPC)[number];

const HTTP: Readonly<Record<number, SentryStatus>> = {
  400: 'failed_precondition',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  409: 'aborted',
  429: 'resource_exhausted',
  499: 'cancelled',
  500: 'internal_error',
  501: 'unimplemented',
  503: 'unavailable',
  504: 'deadline_exceeded',
};

/** An answer of a server says more than that there was an error, and is heard without one too. */
export function sentryStatusOf({ status, attributes }: Pick<ReadableSpan, 'status' | 'attributes'>): SentryStatus {
  const rpc = attributes['rpc.grpc.status_code'];
  const told =
    httpStatus(attributes['http.response.status_code'] ?? attributes['http.status_code']) ??
    (rpc === undefined ? undefined : GRPC[Number(rpc)]);
  if (status.code !== SpanStatusCode.ERROR) return status.code === SpanStatusCode.OK ? 'ok' : (told ?? 'ok');
  const named = GRPC.find((name) => name === status.message);
  const error = [told, named].find((name) => name !== undefined && name !== 'ok');
  return error ?? 'internal_error';
}

function httpStatus(given: unknown): SentryStatus | undefined {
  const code = typeof given === 'number' || typeof given === 'string' ? Number(given) : Number.NaN;
  if (!(code >= 100 && code < 600)) return undefined;
  if (code < 400) return 'ok';
  return HTTP[code] ?? (code < 500 ? 'invalid_argument' : 'internal_error');
}
