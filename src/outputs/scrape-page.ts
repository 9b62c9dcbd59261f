/**
 * Makes pages: one snapshot and one rendering for all scrapes that come together, always in time.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { renderText, TEXT_CONTENT_TYPE } from '../encode/text.ts';

/** Takes one snapshot; callers that come together may share one. */
export type Collect = () => Promise<{ readonly resourceMetrics: ResourceMetrics }>;

/** A scrape is answered within 2 s; the rest is for rendering and compression. */
const COLLECT_LIMIT_MILLIS = 1_500;

/** One rendered page; scrapes that come together get the same object. */
export interface Page {
  readonly contentType: string;
  readonly body: Buffer;
}

/**
 * Gives the page of the form a scraper accepts.
 *
 * @param accept - the `Accept` header
 * @throws when there is no snapshot in time
 */
export type PageSource = (accept: string | undefined) => Promise<Page>;

/** @param collectLimitMillis - when to give up on a snapshot */
export function createPageSource(collect: Collect, collectLimitMillis: number = COLLECT_LIMIT_MILLIS): PageSource {
  let inFlight: Promise<Page> | undefined;
  return () => {
    inFlight ??= makePage(collect, collectLimitMillis).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
}

async function makePage(collect: Collect, limitMillis: number): Promise<Page> {
  const { resourceMetrics } = await beforeLimit(collect(), limitMillis);
  return { contentType: TEXT_CONTENT_TYPE, body: Buffer.from(renderText(resourceMetrics)) };
}

/** The timer is unref'd: a scrape never keeps the process alive. */
async function beforeLimit<T>(work: Promise<T>, limitMillis: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`metrics were not ready within ${limitMillis} ms`)), limitMillis).unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
