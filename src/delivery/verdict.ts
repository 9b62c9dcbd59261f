/**
 * What the result of a request means by the OTLP specification: accepted, worth another try, or refused for good.
 *
 * Layer: delivery. Source: OTLP 1.x “OTLP/HTTP response”, RFC 9110 §10.2.3 (`Retry-After`).
 */
import { type Cause, kindOfError, kindOfStatus } from './cause.ts';
import type { Answer } from './connection.ts';
import { parseErrorMessage, parsePartialSuccess } from './otlp-answer.ts';
import type { TransportResult } from './transport.ts';

export type Verdict =
  | {
      readonly status: 'accepted';
      /** Items the server left out although it accepted the request. */
      readonly rejectedItems: number;
      /** The server's words about them, or a warning; empty when it said nothing. */
      readonly message: string;
    }
  | {
      readonly status: 'retryable';
      readonly cause: Cause;
      /** The delay the server asked for, in milliseconds. */
      readonly retryAfterMillis: number | undefined;
    }
  | { readonly status: 'rejected'; readonly cause: Cause };

/** Longest part of a server's words that is shown. */
const MAX_REASON_LENGTH = 200;

const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);

/** How to read a result. */
export interface VerdictContext {
  /** Texts that must not appear in a reason, whoever says them. */
  readonly secrets: readonly string[];
  /** Milliseconds since the Unix epoch, for a `Retry-After` that is a date. */
  readonly nowMillis: number;
}

/** Judges one result. */
export function resolveVerdict(result: TransportResult, { secrets, nowMillis }: VerdictContext): Verdict {
  if (result.status === 'failed') {
    const { code, message } = result;
    const isComplete = message.includes(code) || OWN_CODES.has(code);
    const words = isComplete ? message : [code, message].filter((part) => part !== '').join(': ');
    const cause = { kind: kindOfError(code), code, text: cleanReason(words, secrets) };
    return { status: 'retryable', cause, retryAfterMillis: undefined };
  }
  const contentType = (result.headers['content-type'] ?? '').toLowerCase();
  if (result.statusCode >= 200 && result.statusCode < 300) return resolveSuccess(result, contentType, secrets);
  const cause = causeOfAnswer(result, contentType, secrets);
  if (!RETRYABLE_STATUS.has(result.statusCode)) return { status: 'rejected', cause };
  return { status: 'retryable', cause, retryAfterMillis: parseRetryAfter(result.headers['retry-after'], nowMillis) };
}

/** Codes whose message says it all. */
const OWN_CODES = new Set(['DEADLINE', 'CLOSED', 'FAILED']);

function resolveSuccess(answer: Answer, contentType: string, secrets: readonly string[]): Verdict {
  // A login or start page: nothing there took the data, whatever the status says.
  if (contentType.includes('text/html')) {
    const text = `${answer.statusCode} with a web page where an OTLP answer belongs`;
    return { status: 'rejected', cause: { kind: 'path', code: 'html', text } };
  }
  const partial = parsePartialSuccess(answer.body, contentType);
  const message = cleanReason(partial?.message ?? '', secrets);
  return { status: 'accepted', rejectedItems: partial?.rejectedItems ?? 0, message };
}

function causeOfAnswer(answer: Answer, contentType: string, secrets: readonly string[]): Cause {
  const { statusCode, headers, body } = answer;
  const title = `${statusCode} ${process.getBuiltinModule('node:http').STATUS_CODES[statusCode] ?? ''}`.trim();
  const words =
    headers.location === undefined ? parseErrorMessage(body, contentType) : `to ${targetOf(headers.location)}`;
  const reason = cleanReason(words, secrets);
  const text = reason === '' ? title : `${title}: ${reason}`;
  return { kind: kindOfStatus(statusCode), code: String(statusCode), text };
}

/** The address of a redirect without what may hold credentials. */
function targetOf(location: string): string {
  return location.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
}

/**
 * A server's words as one short printable line: no control characters, no secrets.
 *
 * @param secrets - texts to blank out; a server may repeat the header it did not like
 */
export function cleanReason(text: string, secrets: readonly string[]): string {
  let line = text.slice(0, 10 * MAX_REASON_LENGTH);
  for (const secret of secrets) line = line.replaceAll(secret, '[secret]');
  // oxlint-disable-next-line no-control-regex -- removing them is the point: they could steer a terminal
  line = line.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFD\s]+/g, ' ').trim();
  return line.length > MAX_REASON_LENGTH ? `${line.slice(0, MAX_REASON_LENGTH - 1)}…` : line;
}

/** Milliseconds a `Retry-After` header asks for: seconds or an HTTP date. */
export function parseRetryAfter(header: string | undefined, nowMillis: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMillis);
}
