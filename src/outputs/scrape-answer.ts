/**
 * Decides what a scrape is answered: the page, or why not. Knows neither sockets nor frameworks.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describeCause } from '../core/guard.ts';
import { notify, settleNotice } from '../core/notices.ts';
import type { MakePage, Page } from './page.ts';
import type { Access } from './scrape-access.ts';

/** A request, as far as its answer depends on it. */
export interface ScrapeRequest {
  readonly method: string | undefined;
  /** Value of a header by its lower-case name. */
  header(name: 'accept' | 'accept-encoding' | 'authorization'): string | undefined;
}

/** A complete answer. HEAD gets the body too; leaving it out is the business of whoever sends it. */
export interface ScrapeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Of one page for all who came together: only until `release()`. */
  readonly body: readonly Buffer[];
  readonly bytes: number;
  /** Says that the body is sent, or never will be. */
  release(): void;
}

/** Answers a request. Never rejects. */
export type AnswerScrape = (request: ScrapeRequest) => Promise<ScrapeAnswer>;

/** Smaller pages are not worth the work. */
const GZIP_FROM_BYTES = 1_024;

const compress = promisify(gzip);

/** GET and HEAD get the page, strangers 401, other methods 405, failures 503 with a code. */
export function createAnswerScrape(makePage: MakePage, access: Access | undefined): AnswerScrape {
  const zip = createZip();
  return async (request) => {
    try {
      if (access !== undefined && !access.admits(request.header('authorization')))
        return plainAnswer(401, 'A credential is needed.', { 'www-authenticate': access.challenge });
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return plainAnswer(405, 'Only GET and HEAD are served here.', { allow: 'GET, HEAD' });
      const answer = await pageAnswer(request, await makePage(request.header('accept')), zip);
      settleNotice('DUOTEL_SCRAPE_FAILED', 'page');
      return answer;
    } catch (cause) {
      return failureAnswer(cause);
    }
  };
}

/** One line of text. */
export function plainAnswer(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): ScrapeAnswer {
  const body = Buffer.from(`${line}\n`);
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: [body],
    bytes: body.length,
    release: () => undefined,
  };
}

async function pageAnswer(request: ScrapeRequest, page: Page, zip: Zip): Promise<ScrapeAnswer> {
  const headers = {
    'content-type': page.contentType,
    'cache-control': 'no-store',
    vary: 'accept, accept-encoding',
  };
  const release = (): void => page.release();
  if (page.bytes < GZIP_FROM_BYTES || !acceptsGzip(request.header('accept-encoding')))
    return { status: 200, headers, body: page.body, bytes: page.bytes, release };
  const zipped = await zip(page);
  const zippedHeaders = { ...headers, 'content-encoding': 'gzip' };
  return { status: 200, headers: zippedHeaders, body: [zipped], bytes: zipped.length, release };
}

type Zip = (page: Page) => Promise<Buffer>;

/** Compresses each page once, whoever asks, on a thread of Node's pool. */
function createZip(): Zip {
  const zipped = new WeakMap<Page, Promise<Buffer>>();
  return (page) => {
    const known = zipped.get(page);
    if (known !== undefined) return known;
    const made = compress(Buffer.concat(page.body));
    zipped.set(page, made);
    return made;
  };
}

/** An entry for gzip counts before one for everything (RFC 9110, section 12.5.3). */
function acceptsGzip(header: string | undefined): boolean {
  let byStar = false;
  for (const entry of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return !isRefused;
    if (coding === '*') byStar = !isRefused;
  }
  return byStar;
}

function failureAnswer(cause: unknown): ScrapeAnswer {
  const message = `The metrics page could not be made: ${describeCause(cause)}.`;
  notify({ code: 'DUOTEL_SCRAPE_FAILED', key: 'page', message: `${message} Other outputs are not affected.` });
  return plainAnswer(503, `DUOTEL_SCRAPE_FAILED ${message}`);
}
