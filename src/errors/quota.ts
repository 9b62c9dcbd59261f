/**
 * Reads what is left of an allowance from the headers of the answer that refused.
 *
 * Layer: errors. Source: rate limit headers of OpenAI and Anthropic, draft-ietf-httpapi-ratelimit-headers, RFC 9110
 * `Retry-After`.
 */
import type { Quota } from './error-class.ts';
import { read } from './error-facts.ts';

const LIMIT = ['x-ratelimit-limit-requests', 'anthropic-ratelimit-requests-limit', 'x-ratelimit-limit', 'ratelimit-limit']; // oxfmt-ignore
const REMAINING = ['x-ratelimit-remaining-requests', 'anthropic-ratelimit-requests-remaining', 'x-ratelimit-remaining', 'ratelimit-remaining']; // oxfmt-ignore
const RESET = ['retry-after', 'x-ratelimit-reset-requests', 'anthropic-ratelimit-requests-reset', 'x-ratelimit-reset', 'ratelimit-reset']; // oxfmt-ignore

/** Undefined if the headers say nothing of it. */
export function readQuota(headers: unknown, nowMillis: number): Quota | undefined {
  const limit = numberOf(first(headers, LIMIT));
  const remaining = numberOf(first(headers, REMAINING));
  const resetsAtMillis = resetTime(first(headers, RESET), nowMillis);
  if (limit === undefined && remaining === undefined && resetsAtMillis === undefined) return undefined;
  return { limit, remaining, resetsAtMillis };
}

function first(headers: unknown, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = header(headers, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** From a `Headers`, or from an object with lower-case names. */
function header(headers: unknown, name: string): string | undefined {
  try {
    const get = read(headers, 'get');
    const value: unknown = typeof get === 'function' ? get.call(headers, name) : read(headers, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : undefined;
  } catch {
    return undefined;
  }
}

function numberOf(value: string | undefined): number | undefined {
  const parsed = value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** Seconds from now, seconds since 1970, a duration such as `1m6.5s`, or a date. */
function resetTime(value: string | undefined, nowMillis: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = numberOf(value) ?? durationSeconds(value);
  if (seconds !== undefined) {
    if (seconds < 0 || seconds > MAX_SECONDS) return undefined;
    return seconds > 1e9 ? seconds * 1000 : nowMillis + seconds * 1000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date;
}

/** A date beyond has no meaning. */
const MAX_SECONDS = 8.64e12;

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

function durationSeconds(value: string): number | undefined {
  if (!/^(?:[\d.]+(?:ms|[hms]))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/([\d.]+)(ms|[hms])/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_SECONDS[unit ?? ''] ?? 0), 0);
}
