/**
 * Takes requests from HTTP/2 servers, which Node announces on no channel of their own.
 *
 * A server is covered when it begins to listen. Applications that listen for `stream` instead of `request` decide
 * below the requests and are left alone.
 * Layer: instrument.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { guard } from '../core/guard.ts';
import { isOwn } from '../core/own-traffic.ts';
import { callEmit, type Emit, type Emitting, wrapEmit } from './emit-wrap.ts';
import type { TakeRequest } from './http-options.ts';

/** Published by `node:net` after a server began to listen, with `{ server }`. In Node.js 20 to 26. */
const LISTENING = 'tracing:net.server.listen:asyncEnd';

/** Offers the requests of HTTP/2 servers to `take`. Returns a function that stops covering servers. */
export function takeFromHttp2(take: TakeRequest): () => void {
  // Node turns what a subscriber throws into an uncaught exception of the application.
  const onListening = (message: unknown): void => {
    const { server } = message as { readonly server: object };
    const cover = (): void => {
      if (isHttp2(server) && !isOwn(server)) wrapEmit(server, (original) => emitOfServer(original, take));
    };
    guard('http2.server.listen', cover, undefined);
  };
  subscribe(LISTENING, onListening);
  return () => unsubscribe(LISTENING, onListening);
}

/** Comparing classes would load `node:http2`, which does not give its classes away either. */
function isHttp2(server: object): server is Emitting {
  return 'updateSettings' in server && typeof server.updateSettings === 'function';
}

function emitOfServer(original: Emit, take: TakeRequest): Emit {
  return function emit(this: object, event: string | symbol): boolean {
    const args = arguments; // Passed on as they came, without an array per event.
    if (event === 'request' && take(args[1] as IncomingMessage, args[2] as ServerResponse)) return true;
    return callEmit(original, this, args);
  };
}
