/**
 * Sends answers over Node's HTTP/1 and HTTP/2 responses, bounded in number and time.
 *
 * A page may be large and its reader slow; without bounds, readers that stop reading would pile up pages.
 * Layer: outputs. Loaded at the first scrape.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { degrade } from '../core/guard.ts';
import { type AnswerScrape, plainAnswer, type ScrapeAnswer } from './scrape-answer.ts';

/** Answers under way at most; Prometheus servers that scrape the same program are a handful. */
const MAX_UNDER_WAY = 32;
/** Longest time from a request to the last byte of its answer; scrapers give up after 10 s by default. */
const ANSWER_MILLIS = 30_000;

/** Answers one request. Never throws. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;

export function createNodeHandler(answer: AnswerScrape): NodeHandler {
  let underWay = 0;
  return (request, response) => {
    if (underWay >= MAX_UNDER_WAY) {
      degrade('scrape.busy', new Error(`${MAX_UNDER_WAY} scrapes at once`));
      send(request, response, plainAnswer(503, 'DUOTEL_SCRAPE_FAILED Too many scrapes at once.', { 'retry-after': '1' }));
      return;
    }
    underWay += 1;
    const timer = setTimeout(() => response.destroy(), ANSWER_MILLIS).unref();
    response.once('close', () => {
      underWay -= 1;
      clearTimeout(timer);
    });
    void answer({ method: request.method, header: (name) => headerOf(request, name) }).then((made) => {
      try {
        send(request, response, made);
      } catch (cause) {
        degrade('scrape.answer', cause);
        response.destroy();
      }
    });
  };
}

/** The value of a header; where a request has two of them, neither counts as a credential. */
function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: ScrapeAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'content-length': body.length,
    // Spares us from reading whatever a stranger still wants to send. Not a header of HTTP/2.
    ...(status !== 200 && request.httpVersionMajor < 2 ? { connection: 'close' } : {}),
  });
  response.end(body);
}
