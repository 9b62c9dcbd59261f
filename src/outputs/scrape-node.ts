/**
 * Sends answers over Node's HTTP/1 and HTTP/2 responses, bounded in number and time.
 *
 * A page may be large and its reader slow; without bounds, readers that stop reading would pile up pages.
 * Layer: outputs. Loaded at the first scrape.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { degrade } from '../core/guard.ts';
import { type AnswerScrape, plainAnswer, type ScrapeAnswer, type ScrapeRequest } from './scrape-answer.ts';

interface AnswerLimits {
  /** Answers under way at most; Prometheus servers that scrape the same program are a handful. */
  readonly underWay: number;
  /** Longest time from a request to the last byte of its answer; scrapers give up after 10 s by default. */
  readonly answerMillis: number;
}

const LIMITS: AnswerLimits = { underWay: 32, answerMillis: 30_000 };

const TOO_MANY = plainAnswer(503, 'DUOTEL_SCRAPE_FAILED Too many scrapes at once.', { 'retry-after': '1' });

/** Answers one request. Never throws. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** @param limits - replaced in tests */
export function createNodeHandler(answer: AnswerScrape, limits: AnswerLimits = LIMITS): NodeHandler {
  let underWay = 0;
  const begin = (request: IncomingMessage, response: ServerResponse): void => {
    // Gone before it was our turn: nothing would tell us once more.
    if (response.destroyed) return;
    if (underWay >= limits.underWay) {
      degrade('scrape.busy', new Error(`more than ${limits.underWay} scrapes at once`));
      sendOrDestroy(request, response, TOO_MANY);
      return;
    }
    underWay += 1;
    let made: ScrapeAnswer | undefined;
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      underWay -= 1;
      clearTimeout(timer);
      made?.release();
    };
    const timer = setTimeout(() => {
      response.destroy();
      finish();
    }, limits.answerMillis).unref();
    response.once('close', finish);
    void answer(toScrapeRequest(request)).then((finished) => {
      made = finished;
      if (isOver) made.release();
      else sendOrDestroy(request, response, made);
    });
  };
  return (request, response) => {
    // A response that waits behind others of its connection has no socket, and is never closed if that ends first.
    if (request.httpVersionMajor < 2 && response.socket === null)
      response.once('socket', () => begin(request, response));
    else begin(request, response);
  };
}

/** What an answer depends on. Also for requests inside those of frameworks. */
export function toScrapeRequest({ method, headers }: IncomingMessage): ScrapeRequest {
  return { method, header: (name) => headers[name] };
}

function sendOrDestroy(request: IncomingMessage, response: ServerResponse, answer: ScrapeAnswer): void {
  try {
    send(request, response, answer);
  } catch (cause) {
    degrade('scrape.answer', cause);
    response.destroy();
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: ScrapeAnswer): void {
  const { status, headers, body, bytes } = answer;
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'content-length': bytes,
    // Spares us from reading whatever a stranger still wants to send. Not a header of HTTP/2.
    ...(status !== 200 && request.httpVersionMajor < 2 ? { connection: 'close' } : {}),
  });
  // All pieces in one system call. HTTP/2 has no such thing, and bundles them by itself.
  if (request.httpVersionMajor < 2) response.cork();
  if (request.method !== 'HEAD') for (const piece of body) response.write(piece);
  response.end();
  if (request.httpVersionMajor < 2) response.uncork();
}
