/**
 * Makes the pages of the Prometheus endpoint: one snapshot and one rendering for all scrapes that come together.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { renderText, TEXT_CONTENT_TYPE } from '../encode/text.ts';

/** Takes one snapshot; callers that come together may share one. */
export type Collect = () => Promise<{ readonly resourceMetrics: ResourceMetrics }>;

/** A scrape is answered within 2 s; the rest is for rendering and compression. */
const COLLECT_LIMIT_MILLIS = 1_500;

/** One page. Who comes while it is made gets the same object. */
export interface Page {
  readonly contentType: string;
  /** In pieces, because one buffer of many megabytes would stop the program while it is copied together. */
  readonly body: readonly Buffer[];
  readonly bytes: number;
  /** Says that the caller has done with the page: its response is finished or closed. */
  release(): void;
}

/** Makes the page for the `Accept` header of a request. Rejects when there is no snapshot in time. */
export type MakePage = (accept: string | undefined) => Promise<Page>;

/** @param collectLimitMillis - when to give up on a snapshot */
export function createPageMaker(collect: Collect, collectLimitMillis: number = COLLECT_LIMIT_MILLIS): MakePage {
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
  const body = Buffer.from(renderText(resourceMetrics));
  return { contentType: TEXT_CONTENT_TYPE, body: [body], bytes: body.length, release: () => undefined };
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
