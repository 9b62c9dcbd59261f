/**
 * Writes envelopes: a header line, then for each item a header line and its payload.
 *
 * Not `@sentry/core`'s serializer: that one looks into the global object applications share with their own Sentry.
 * Layer: sentry. Loaded with the first error. Source: develop.sentry.dev, “Envelopes”.
 */
import { redactJson } from '../encode/redact-json.ts';
import type { SentryCategory } from '../outputs/sentry-log.ts';

/** A payload is JSON, or bytes as they are. */
export type EnvelopeItem = readonly [header: Readonly<Record<string, unknown>>, payload: unknown];

/** As Sentry's packages hand it to a transport. */
export type Envelope = readonly [header: Readonly<Record<string, unknown>>, items: readonly EnvelopeItem[]];

/** The envelope without secrets, and without its time of sending, which delivery adds. */
export function writeEnvelope([header, items]: Envelope): Uint8Array {
  const { sent_at: _, dsn: __, ...kept } = header;
  // Never empty: `sent_at` is put in front of what there is.
  const lines: Uint8Array[] = [line({ ...kept, sdk: kept['sdk'] ?? {} })];
  for (const [itemHeader, payload] of items) {
    const bytes = payload instanceof Uint8Array ? payload : Buffer.from(toJson(redactJson(payload)));
    lines.push(line({ ...itemHeader, length: bytes.length }), bytes, NEWLINE);
  }
  return Buffer.concat(lines);
}

const NEWLINE = Buffer.from('\n');

function line(value: unknown): Uint8Array {
  return Buffer.from(`${toJson(value)}\n`);
}

function toJson(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Items and the category their limits are told under; the first item decides. */
export function categoryOf([, items]: Envelope): SentryCategory {
  const type = String(items[0]?.[0]['type']);
  return CATEGORIES[type] ?? 'default';
}

/** Source: `getDataCategoryByType` of `@sentry/core`. */
const CATEGORIES: Readonly<Record<string, SentryCategory>> = {
  event: 'error',
  transaction: 'transaction',
  session: 'session',
  sessions: 'session',
  attachment: 'attachment',
  check_in: 'monitor',
  feedback: 'feedback',
  profile: 'profile',
  profile_chunk: 'profile',
  span: 'span',
  log: 'log_item',
  trace_metric: 'trace_metric',
};
