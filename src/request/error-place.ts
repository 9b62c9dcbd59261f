/**
 * Where an error was seen first: in which span, for which request.
 *
 * An error travels outwards, away from the context it happened in; when somebody finally reports it, the span that
 * broke may be gone. Whoever sees an error on its way notes it here. Nothing is kept of errors nobody holds any more.
 * Layer: request.
 */
import { context, type Context, type Span, trace } from '@opentelemetry/api';
import { epochMillis } from '../core/clock.ts';
import { takeAbruptExit } from '../traces/abrupt-exit.ts';
import { type RequestContext, requestOf } from './request-context.ts';

/** Where an error happened. */
export interface ErrorPlace {
  readonly span: Span | undefined;
  readonly scope: Context;
  readonly request: RequestContext | undefined;
  /** Whether a span has the exception as an event already. */
  readonly isRecorded: boolean;
  /** When it was seen, in milliseconds since the Unix epoch. */
  readonly timeMillis: number;
}

const places = new WeakMap<object, ErrorPlace>();

/** The value thrown last that is no object, for the moment between its two observers. */
let thrown: { readonly value: unknown; readonly place: ErrorPlace } | undefined;

/** Notes an error that a span records, and that its request may end with. The innermost span of a trace is kept. */
export function noteException(span: Span, error: unknown): void {
  if (typeof error !== 'object' || error === null) return;
  const active = context.active();
  requestOf(active)?.failed(error);
  // A span that ends with an error is often not active any more.
  const scope = trace.getSpan(active) === span ? active : trace.setSpan(active, span);
  note(error, { span, scope, request: requestOf(scope), isRecorded: true, timeMillis: epochMillis() });
}

/** Notes an error nobody has caught; the scopes it was thrown in are left by now, `outer` is what is known of them. */
export function noteUncaught(error: unknown, outer: Context = context.active()): void {
  const left = takeAbruptExit();
  if (left !== undefined && isInside(left, outer)) noteThrown(error, left);
  else if (outer !== context.active()) noteThrown(error, outer);
}

/** Whether a scope may have been entered from another one: of the same request and trace, as far as that has any. */
function isInside(scope: Context, outer: Context): boolean {
  const request = requestOf(outer);
  if (request !== undefined && requestOf(scope) !== request) return false;
  const around = trace.getSpanContext(outer);
  return around === undefined || trace.getSpanContext(scope)?.traceId === around.traceId;
}

/** Notes an error that leaves a scope which is not active any more when the error is reported. */
function noteThrown(error: unknown, scope: Context): void {
  const place = {
    span: trace.getSpan(scope),
    scope,
    request: requestOf(scope),
    isRecorded: false,
    timeMillis: epochMillis(),
  };
  if (typeof error !== 'object' || error === null) thrown = { value: error, place };
  else note(error, place);
}

function note(error: object, place: ErrorPlace): void {
  const known = places.get(error);
  if (known === undefined || !isWithin(known, place)) places.set(error, place);
  else if (place.isRecorded && !known.isRecorded) places.set(error, { ...known, isRecorded: true });
}

/** Whether an error came to a place from another one that is known. */
function isWithin({ span, request }: ErrorPlace, outer: ErrorPlace): boolean {
  if (span?.spanContext().traceId !== outer.span?.spanContext().traceId) return false;
  return outer.request === undefined || outer.request === request;
}

/** Where an error happened, as far as somebody noted it; else, here. */
export function placeOf(error: unknown): ErrorPlace {
  const noted = typeof error === 'object' && error !== null ? places.get(error) : takeThrown(error);
  const scope = context.active();
  const request = requestOf(scope);
  // One object that breaks several requests belongs to the one that is running.
  if (noted !== undefined && (request === undefined || noted.request === request)) return noted;
  return { span: trace.getSpan(scope), scope, request, isRecorded: false, timeMillis: epochMillis() };
}

function takeThrown(value: unknown): ErrorPlace | undefined {
  const taken = thrown;
  thrown = undefined;
  return taken !== undefined && Object.is(taken.value, value) ? taken.place : undefined;
}
