/**
 * Attributes of a line: its fields, but for what has a place of its own in a log record.
 *
 * Layer: instrument.
 */
import { type Context, trace } from '@opentelemetry/api';
import { requestOf } from '../../request/request-context.ts';
import { describeException, type LogFields, toAttributes } from './log-fields.ts';

/** Field of a line with the id of its request, beside those of the official instrumentations. */
export const REQUEST_ID = 'request_id';
const INJECTED = ['trace_id', 'span_id', 'trace_flags'];

/** What is in a line. */
export interface Line {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that are elsewhere in the record. */
  readonly leftOut: readonly string[];
  /** The field its logger puts an error in. */
  readonly error?: string;
}

/**
 * Reads a line. Never throws.
 *
 * @param scope - context the line was written in; its ids are in the record anyway
 */
export function lineAttributes({ fields, leftOut, error }: Line, scope: Context): LogFields {
  const names = new Set(leftOut);
  addInjected(names, fields, scope);
  const exception = error === undefined ? undefined : describeException(fields[error]);
  if (error === undefined || exception === undefined) return toAttributes(fields, names);
  if (exception.rest === undefined) names.add(error);
  return { ...toAttributes({ ...fields, [error]: exception.rest }, names), ...exception.attributes };
}

/** Fields of the application itself may be called the same. */
function addInjected(names: Set<string>, fields: Line['fields'], scope: Context): void {
  const traceId = fields['trace_id'];
  if (traceId !== undefined && traceId === trace.getSpanContext(scope)?.traceId)
    for (const name of INJECTED) names.add(name);
  const requestId = fields[REQUEST_ID];
  if (requestId !== undefined && requestId === requestOf(scope)?.knownId) names.add(REQUEST_ID);
}
