/**
 * Answers scrapes: one snapshot and one rendering for all that come together, compressed off the loop, always in time.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describeCause } from '../core/guard.ts';
import { notify, settleNotice } from '../core/notices.ts';
import { renderText, TEXT_CONTENT_TYPE } from '../encode/text.ts';
import { replyText } from './scrape-reply.ts';

/** Takes one snapshot; callers that come together may share one. */
export type Collect = () => Promise<{ readonly resourceMetrics: ResourceMetrics }>;

/** A scrape is answered within 2 s; the rest is for rendering and compression. */
const COLLECT_LIMIT_MILLIS = 1_500;

/** Smaller pages are not worth the work. */
const GZIP_FROM_BYTES = 1_024;

const compress = promisify(gzip);

/** One rendered page. */
interface Page {
  readonly plain: Buffer;
  /** Compressed form, made once. */
  gzipped?: Promise<Buffer>;
}

/** Answers requests with pages. */
export interface PageSource {
  /** GET and HEAD get the page, other methods 405, failures 503 with a code. Never throws. */
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** @param collectLimitMillis - when to give up on a snapshot */
export function createPageSource(collect: Collect, collectLimitMillis: number = COLLECT_LIMIT_MILLIS): PageSource {
  let inFlight: Promise<Page> | undefined;
  const page = (): Promise<Page> => {
    inFlight ??= makePage(collect, collectLimitMillis).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
  return {
    answer(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        replyText(response, 405, 'Only GET and HEAD are served here.', { allow: 'GET, HEAD' });
        return;
      }
      page()
        .then((made) => sendPage(request, response, made))
        .then(() => settleNotice('DUOTEL_SCRAPE_FAILED', 'page'))
        .catch((cause: unknown) => sendFailure(response, cause));
    },
  };
}

async function makePage(collect: Collect, limitMillis: number): Promise<Page> {
  const { resourceMetrics } = await beforeLimit(collect(), limitMillis);
  return { plain: Buffer.from(renderText(resourceMetrics)) };
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

async function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): Promise<void> {
  const zipped = page.plain.length >= GZIP_FROM_BYTES && acceptsGzip(request.headers['accept-encoding']);
  const body = zipped ? await (page.gzipped ??= compress(page.plain)) : page.plain;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, {
    'content-type': TEXT_CONTENT_TYPE,
    'content-length': body.length,
    vary: 'accept-encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .some((entry) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(entry));
}

function sendFailure(response: ServerResponse, cause: unknown): void {
  const message = `The metrics page could not be made: ${describeCause(cause)}.`;
  notify({ code: 'DUOTEL_SCRAPE_FAILED', key: 'page', message: `${message} Other outputs are not affected.` });
  replyText(response, 503, `DUOTEL_SCRAPE_FAILED ${message}`);
}
