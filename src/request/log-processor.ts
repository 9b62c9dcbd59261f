/**
 * Puts the request on every log record that is emitted while it is answered.
 *
 * Layer: request. Stands before the processors of users and ours.
 */
import { context, type Context } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { epochMillis } from '../core/clock.ts';
import { guard } from '../core/guard.ts';
import { addBreadcrumb, areBreadcrumbsKept } from './breadcrumbs.ts';
import { type RequestContext, requestOf } from './request-context.ts';

type LogRecord = Parameters<LogRecordProcessor['onEmit']>[0];

/** What a record says itself wins. */
export function createRequestLogProcessor(): LogRecordProcessor {
  return {
    // It wants no record for itself.
    enabled: () => false,
    onEmit: (record, scope) => guard('request.log', () => addRequest(record, scope), undefined),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}

function addRequest(record: LogRecord, scope: Context = context.active()): void {
  const request = requestOf(scope);
  if (areBreadcrumbsKept()) noteLine(record, request);
  if (request === undefined) return;
  for (const [name, value] of Object.entries(request.attributes())) {
    if (!Object.hasOwn(record.attributes, name)) record.setAttribute(name, value);
  }
}

/** The line as a breadcrumb, before the request is written to it. */
function noteLine({ body, severityText }: LogRecord, request: RequestContext | undefined): void {
  const message = typeof body === 'string' ? body : undefined;
  if (message === undefined) return;
  addBreadcrumb(
    { kind: 'log', timeMillis: epochMillis(), level: severityText?.toLowerCase() ?? 'info', message },
    request,
  );
}
