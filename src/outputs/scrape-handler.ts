/**
 * One handler for every kind of server: recognises what it is called with.
 *
 * A framework is told by what its objects can do, never by its package, which may be missing or there twice.
 * Layer: outputs. Loaded at the first scrape.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { guardAsync } from '../core/guard.ts';
import type { AnswerScrape, ScrapeAnswer, ScrapeRequest } from './scrape-answer.ts';
import { type NodeHandler, toScrapeRequest } from './scrape-node.ts';
import type { FastifyReplyLike, KoaContextLike } from './scrape-types.ts';

/** @param call - the arguments of a handler of `node:http`, Express, Fastify, Koa, Hono, or of one for web requests */
export type AnyHandler = (call: readonly unknown[]) => unknown;

/** @throws TypeError from the returned function when it does not know what it was called with */
export function createAnyHandler(answer: AnswerScrape, onNode: NodeHandler): AnyHandler {
  return ([first, second]) => {
    if (isResponse(second)) return onNode(first as IncomingMessage, second);
    if (isFastifyReply(second)) return replyToFastify(answer, first as { raw: IncomingMessage }, second);
    if (isKoaContext(first)) return replyToKoa(answer, first);
    const request = webRequestOf(first);
    if (request !== undefined) return replyToWeb(answer, request);
    throw new TypeError('metricsHandler was called with no kind of request it knows');
  };
}

function isResponse(value: unknown): value is ServerResponse {
  return can(value, 'writeHead') && can(value, 'end');
}

function isFastifyReply(value: unknown): value is FastifyReplyLike {
  return can(value, 'code') && can(value, 'headers') && can(value, 'send');
}

function isKoaContext(value: unknown): value is KoaContextLike {
  return can(value, 'set') && isResponse((value as { res?: unknown }).res);
}

/** A web request, or the one inside a context of Hono. */
function webRequestOf(value: unknown): Request | undefined {
  const inner = (value as { req?: { raw?: unknown } } | undefined)?.req?.raw;
  return [value, inner].find((each): each is Request => can((each as Request | undefined)?.headers, 'get'));
}

function can(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';
}

/** Without a promise for Fastify, which then waits for `send()`. */
function replyToFastify(
  answer: AnswerScrape,
  request: { readonly raw: IncomingMessage },
  reply: FastifyReplyLike,
): void {
  const respond = async (): Promise<void> => {
    const { status, headers, body } = await copyOf(answer(toScrapeRequest(request.raw)));
    reply.code(status);
    reply.headers(headers);
    reply.send(body);
  };
  void guardAsync('scrape.answer', respond, undefined);
}

async function replyToKoa(answer: AnswerScrape, context: KoaContextLike): Promise<void> {
  const { status, headers, body } = await copyOf(answer(toScrapeRequest(context.req)));
  context.status = status;
  context.set(headers);
  context.body = body;
}

async function replyToWeb(answer: AnswerScrape, request: Request): Promise<Response> {
  const header: ScrapeRequest['header'] = (name) => request.headers.get(name) ?? undefined;
  const { status, headers, body } = await copyOf(answer({ method: request.method, header }));
  return new Response(request.method === 'HEAD' ? null : body, {
    status,
    headers: { ...headers, 'content-length': String(body.length) },
  });
}

interface OwnedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer<ArrayBuffer>;
}

/** An answer whose body is the framework's, which does not tell when it has sent it. */
async function copyOf(answer: Promise<ScrapeAnswer>): Promise<OwnedAnswer> {
  const given = await answer;
  const body = Buffer.concat(given.body);
  given.release();
  return { status: given.status, headers: { ...given.headers }, body };
}
