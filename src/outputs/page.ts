/**
 * Makes the pages of the Prometheus endpoint: one snapshot and one rendering for all scrapes that come together.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { PageConfig } from '../config/config.ts';
import { currentRedactor } from '../encode/redact.ts';
import { negotiateFormat, type PageFormat } from '../encode/text-format.ts';
import { createPageRenderer } from '../encode/text.ts';

/** Takes one snapshot; callers that come together may share one. */
export type Collect = () => Promise<{ readonly resourceMetrics: ResourceMetrics }>;

/** One page. Who comes while it is made gets the same object. */
export interface Page {
  readonly contentType: string;
  /** In pieces, because one buffer of many megabytes would stop the program while it is copied together. */
  readonly body: readonly Buffer[];
  readonly bytes: number;
  /**
   * Says that the caller has done with the page: its response is finished or closed. Once for each call of
   * {@link MakePage}; nothing breaks when it is never said, but the next page then costs twice as much.
   */
  release(): void;
}

/**
 * Makes the page for the `Accept` header of a request.
 *
 * Rejects when there is no snapshot in time. Yields to the event loop between slices.
 */
export type MakePage = (accept: string | undefined) => Promise<Page>;

/** A scrape is answered within 2 s; the rest is for rendering and compression. */
const COLLECT_LIMIT_MILLIS = 1_500;

/** Longest time a slice of a page may hold the event loop; short, because the garbage collector may add its own. */
const SLICE_MILLIS = 4;

/** @param collectLimitMillis - when to give up on a snapshot */
export function createPageMaker(
  collect: Collect,
  config: PageConfig = {},
  collectLimitMillis: number = COLLECT_LIMIT_MILLIS,
): MakePage {
  const renderer = createPageRenderer(config, currentRedactor);
  const inFlight = new Map<string, { readonly page: Promise<Page>; readers: number }>();
  const make = async (format: PageFormat, release: (body: readonly Buffer[]) => void): Promise<Page> => {
    const { resourceMetrics } = await beforeLimit(collect(), collectLimitMillis);
    const body = await inSlices(renderer.render(resourceMetrics, format));
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    return { contentType: format.contentType, body, bytes, release: () => release(body) };
  };
  const begin = (format: PageFormat): { readonly page: Promise<Page>; readers: number } => {
    const giveBack = (body: readonly Buffer[]): void => {
      entry.readers -= 1;
      if (entry.readers === 0) renderer.giveBack(body);
    };
    const page = make(format, giveBack).finally(() => inFlight.delete(format.contentType));
    const entry = { page, readers: 0 };
    inFlight.set(format.contentType, entry);
    return entry;
  };
  return (accept) => {
    const format = negotiateFormat(accept);
    const entry = inFlight.get(format.contentType) ?? begin(format);
    entry.readers += 1;
    return entry.page;
  };
}

/** Runs steps to their end, with a turn of the event loop after each slice. */
async function inSlices<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MILLIS;
    let step = steps.next();
    while (step.done !== true && performance.now() < until) step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
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
