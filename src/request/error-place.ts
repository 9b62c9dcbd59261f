/**
 * Where an error was seen first: in which span, for which request.
 *
 * An error travels outwards, away from the context it happened in; when somebody finally reports it, the span that
 * broke may be gone. Whoever sees an error on its way notes it here. Nothing is kept of errors nobody holds any more.
 * Layer: request.
 */
import { context, type Context, type Span, trace } from '@opentelemetry/api';
import { type RequestContext, requestOf } from './request-context.ts';

/** Where an error happened. */
export interface ErrorPlace {
  readonly span: Span | undefined;
  readonly scope: Context;
  readonly request: RequestContext | undefined;
  /** Whether a span has the exception as an event already. */
  readonly isRecorded: boolean;
}

const places = new WeakMap<object, ErrorPlace>();

/** The value thrown last that is no object, for the moment between its two observers. */
let thrown: { readonly value: unknown; readonly place: ErrorPlace } | undefined;

/** Notes an error that a span records, and that its request may end with. The innermost span of a trace is kept. */
export function noteException(span: Span, error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  const scope = context.active();
  const request = requestOf(scope);
  request?.failed(error);
  const known = places.get(error);
  if (known?.isRecorded === true && isSamePlace(known, span, request)) return;
  places.set(error, { span, scope, request, isRecorded: true });
}

/** Notes an error that leaves a scope which is not active any more when the error is reported. */
export function noteThrown(error: unknown, scope: Context): void {
  const place = { span: trace.getSpan(scope), scope, request: requestOf(scope), isRecorded: false };
  if (typeof error !== 'object' || error === null) thrown = { value: error, place };
  else if (!isSamePlace(places.get(error), place.span, place.request)) places.set(error, place);
}

/** Where an error happened, as far as somebody noted it; else, here. */
export function placeOf(error: unknown): ErrorPlace {
  const noted = typeof error === 'object' && error !== null ? places.get(error) : takeThrown(error);
  const scope = context.active();
  const request = requestOf(scope);
  // One object that breaks several requests belongs to the one that is running.
  if (noted !== undefined && (request === undefined || noted.request === request)) return noted;
  return { span: trace.getSpan(scope), scope, request, isRecorded: false };
}

function takeThrown(value: unknown): ErrorPlace | undefined {
  const taken = thrown;
  thrown = undefined;
  return taken !== undefined && Object.is(taken.value, value) ? taken.place : undefined;
}

function isSamePlace(
  known: ErrorPlace | undefined,
  span: Span | undefined,
  request: RequestContext | undefined,
): boolean {
  if (known === undefined || known.request !== request) return false;
  return known.span?.spanContext().traceId === span?.spanContext().traceId;
}
