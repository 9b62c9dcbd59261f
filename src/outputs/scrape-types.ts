/**
 * What the handler for servers of the application can be called with, without a type of any framework.
 *
 * Layer: outputs. Only types.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** Fastify's reply, as far as the handler uses it. */
export interface FastifyReplyLike {
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: Buffer): unknown;
}

/** Koa's context, as far as the handler uses it. */
export interface KoaContextLike {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): unknown;
}

/** Answers with the metrics page on a server of the application, whatever the path: routing is the server's. */
export interface MetricsHandler {
  /** `node:http`, `node:https`, the compatible side of `node:http2`, Express, Connect. */
  (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse, next?: unknown): void;
  /** Fastify. */
  (request: { readonly raw: IncomingMessage }, reply: FastifyReplyLike): void;
  /** Koa. */
  (context: KoaContextLike, next?: unknown): Promise<void>;
  /** Hono. */
  (context: { readonly req: { readonly raw: Request } }, next?: unknown): Promise<Response>;
  /** Servers for web requests: Next.js, SvelteKit, Remix. */
  (request: Request, ...more: unknown[]): Promise<Response>;
}
