/**
 * Which kinds of envelopes Sentry wants none of, and until when.
 *
 * Layer: outputs. Loaded with the first envelope. Source: develop.sentry.dev, “Rate Limiting”.
 */
import { type Clock, epochMillis } from '../core/clock.ts';
import type { Answer } from '../delivery/connection.ts';
import { parseRetryAfter } from '../delivery/verdict.ts';
import type { SentryCategory } from './sentry-log.ts';

/** Of a refusal that does not say how long. */
const DEFAULT_MILLIS = 60_000;

/** A day: what claims to be longer is a mistake, and must not silence a process for good. */
const MAX_MILLIS = 86_400_000;

/** Stands for every category. */
const ALL = '';

export class SentryLimits {
  readonly #now: Clock;
  /** End of the limit of each category, in milliseconds since the Unix epoch. */
  readonly #until = new Map<string, number>();

  constructor(now: Clock = epochMillis) {
    this.#now = now;
  }

  /** Takes over what an answer says. */
  note({ statusCode, headers }: Pick<Answer, 'statusCode' | 'headers'>): void {
    const limits = headers['x-sentry-rate-limits'];
    if (limits !== undefined) for (const limit of String(limits).split(',')) this.#noteLimit(limit);
    else if (statusCode === 429) this.#limit([ALL], parseRetryAfter(headers['retry-after'], this.#now()));
  }

  /** In words; `undefined` when the category is wanted. */
  describe(category: SentryCategory): string | undefined {
    const until = Math.max(this.#until.get(ALL) ?? 0, this.#until.get(category) ?? 0);
    if (until <= this.#now()) return undefined;
    return `429 Too Many Requests: no ${category} is wanted until ${new Date(until).toISOString()}`;
  }

  /** `SECONDS:CATEGORY;CATEGORY:SCOPE:REASON:NAMESPACE`; without a category for all of them. */
  #noteLimit(text: string): void {
    const [seconds = '', categories = '', , , namespaces = ''] = text.trim().split(':');
    const millis = /^\d+(\.\d+)?$/.test(seconds) ? Number(seconds) * 1000 : undefined;
    // Namespaces narrow a limit of metrics down to some of them; all that are sent are custom ones.
    if (namespaces !== '' && !namespaces.split(';').includes('custom')) return;
    this.#limit(categories.split(';'), millis);
  }

  #limit(categories: readonly string[], millis = DEFAULT_MILLIS): void {
    const until = this.#now() + Math.min(millis, MAX_MILLIS);
    for (const category of categories) this.#until.set(category, Math.max(until, this.#until.get(category) ?? 0));
  }
}
