/**
 * A captured error as the event Sentry knows.
 *
 * Everything is taken from the captured error itself: nothing that happens to be active has a part in it.
 * Layer: sentry. Loaded with the first error. Source: develop.sentry.dev, “Event Payloads”.
 */
import {
  type Breadcrumb as SentryBreadcrumb,
  type Event,
  type RequestEventData,
  type SdkInfo,
  type SeverityLevel,
} from '@sentry/core';
import { VERSION } from '../core/version.ts';
import type { CapturedError } from '../errors/captured-error.ts';
import type { Breadcrumb } from '../request/breadcrumbs.ts';
import type { RequestSnapshot } from '../request/request-context.ts';
import type { SentryIdentity } from './identity.ts';
import { debugImagesOf, toExceptions } from './stack.ts';
import { toTags } from './tags.ts';

/** Who sends. */
export const SDK: SdkInfo = { name: 'duotel', version: VERSION, packages: [{ name: 'npm:duotel', version: VERSION }] };

/** Makes the event. */
export function toEvent(captured: CapturedError, identity: SentryIdentity): Event {
  const { release, environment, serverName } = identity;
  const exceptions = toExceptions(captured);
  const images = debugImagesOf(exceptions);
  return {
    event_id: captured.eventId,
    timestamp: captured.timeMillis / 1000,
    platform: 'node',
    environment,
    ...(release !== undefined && { release }),
    ...(serverName !== undefined && { server_name: serverName }),
    exception: { values: exceptions },
    ...(images.length > 0 && { debug_meta: { images: [...images] } }),
    sdk: SDK,
    contexts: { runtime: { name: 'node', version: process.version }, ...contextsOf(captured) },
    ...aboutError(captured),
  };
}

/** What is known about an error beside its stack: the part an event of the application's own Sentry gets as well. */
export function aboutError(captured: CapturedError): Event {
  const { level, transaction, tags, extra, heldBack, fingerprint, breadcrumbs, request } = captured;
  return {
    level,
    ...(transaction !== undefined && { transaction }),
    tags: toTags({ ...tags, ...tagsOf(captured) }),
    ...(fingerprint.length > 0 && { fingerprint: [...fingerprint] }),
    ...(request?.userId !== undefined && { user: { id: request.userId } }),
    ...(request !== undefined && { request: toRequest(request) }),
    ...(breadcrumbs.length > 0 && { breadcrumbs: breadcrumbs.map(toBreadcrumb) }),
    extra: { ...extra, ...(heldBack > 0 && { held_back: heldBack }) },
  };
}

function tagsOf({ classification, request, spanContext }: CapturedError): Record<string, string> {
  const { errorClass, severity, provider, retryable } = classification;
  return {
    'error.category': errorClass,
    'error.severity': severity,
    'error.provider': provider,
    'error.retryable': String(retryable),
    ...(request !== undefined && { request_id: request.id }),
    ...(request?.userId !== undefined && { user_id: request.userId }),
    ...(spanContext !== undefined && { sampled: String((spanContext.traceFlags & SAMPLED) !== 0) }),
  };
}

/** Source: W3C Trace Context §3.2.2.5. */
const SAMPLED = 1;

/** Trace and classification. */
export function contextsOf({ classification, spanContext }: CapturedError): NonNullable<Event['contexts']> {
  const { errorClass, severity, provider, retryable, quota, recommendedAction, matchedRule } = classification;
  return {
    ...(spanContext !== undefined && { trace: { trace_id: spanContext.traceId, span_id: spanContext.spanId } }),
    error_classification: {
      category: errorClass,
      severity,
      provider,
      retryable,
      ...(quota !== undefined && {
        quota: {
          limit: quota.limit,
          remaining: quota.remaining,
          resets_at: quota.resetsAtMillis === undefined ? undefined : new Date(quota.resetsAtMillis).toISOString(),
        },
      }),
      recommended_action: recommendedAction,
      matched_rule: matchedRule,
    },
  };
}

/** Method and address; neither headers nor bodies are known here. */
function toRequest({ attributes }: RequestSnapshot): RequestEventData {
  const text = (name: string): string | undefined => {
    const value = attributes[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const [method, host, port] = [text('http.request.method'), text('server.address'), text('server.port')];
  const origin =
    host === undefined ? '' : `${text('url.scheme') ?? 'http'}://${host}${port === undefined ? '' : `:${port}`}`;
  const query = text('url.query');
  return {
    ...(method !== undefined && { method }),
    url: `${origin}${text('url.path') ?? ''}`,
    ...(query !== undefined && { query_string: query }),
  };
}

function toBreadcrumb({ kind, timeMillis, level, message, data }: Breadcrumb): SentryBreadcrumb {
  return {
    type: kind === 'http' ? 'http' : 'default',
    category: kind,
    level: LEVELS[level] ?? 'info',
    message,
    timestamp: timeMillis / 1000,
    ...(data !== undefined && { data: { ...data } }),
  };
}

/** By the names of severities of log records. */
const LEVELS: Readonly<Record<string, SeverityLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  warning: 'warning',
  error: 'error',
  fatal: 'fatal',
};
