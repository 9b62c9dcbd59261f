/**
 * Answers scrapes: one snapshot and one rendering for all that come together, compressed off the loop, always in time.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { PageConfig } from '../config/config.ts';
import { describeCause } from '../core/guard.ts';
import { notify, settleNotice } from '../core/notices.ts';
import { type Collect, createPageMaker, type Page } from './page.ts';
import { replyText } from './scrape-reply.ts';

/** Smaller pages are not worth the work. */
const GZIP_FROM_BYTES = 1_024;

const compress = promisify(gzip);

/** Compressed forms, each made once. */
const compressed = new WeakMap<Page, Promise<Buffer>>();

/** Answers requests with pages. */
export interface PageSource {
  /** GET and HEAD get the page, other methods 405, failures 503 with a code. Never throws. */
  answer(request: IncomingMessage, response: ServerResponse): void;
}

/** @param collectLimitMillis - when to give up on a snapshot */
export function createPageSource(collect: Collect, page?: PageConfig, collectLimitMillis?: number): PageSource {
  const makePage = createPageMaker(collect, page, collectLimitMillis);
  return {
    answer(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        replyText(response, 405, 'Only GET and HEAD are served here.', { allow: 'GET, HEAD' });
        return;
      }
      makePage(request.headers.accept)
        .then((made) => sendPage(request, response, made))
        .then(() => settleNotice('DUOTEL_SCRAPE_FAILED', 'page'))
        .catch((cause: unknown) => sendFailure(response, cause));
    },
  };
}

async function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): Promise<void> {
  if (response.closed) page.release();
  else response.once('close', () => page.release());
  const zipped = page.bytes >= GZIP_FROM_BYTES && acceptsGzip(request.headers['accept-encoding']);
  const body = zipped ? [await gzipOnce(page)] : page.body;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, {
    'content-type': page.contentType,
    'content-length': body.reduce((sum, { length }) => sum + length, 0),
    vary: 'accept, accept-encoding',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  });
  // All pieces in one system call.
  response.cork();
  if (request.method !== 'HEAD') for (const piece of body) response.write(piece);
  response.end();
  response.uncork();
}

function gzipOnce(page: Page): Promise<Buffer> {
  let zipped = compressed.get(page);
  if (zipped === undefined) compressed.set(page, (zipped = compress(Buffer.concat(page.body))));
  return zipped;
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
