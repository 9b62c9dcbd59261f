/**
 * Instruments Node's HTTP servers and clients and fetch, in CommonJS and ES modules alike.
 *
 * This is the half that runs at start: it subscribes to diagnostics channels, which costs nothing until there is
 * traffic. No module is patched when it is loaded and no loader hook is needed, so it does not matter what was loaded
 * before. The working halves are loaded with the first request of their kind.
 * Layer: instrument.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { degrade } from '../core/guard.ts';
import { once } from '../core/once.ts';
import { isOwn } from '../core/own-traffic.ts';
import type * as HttpClientModule from './http-client.ts';
import type { HttpOptions } from './http-options.ts';
import type * as HttpServerModule from './http-server.ts';
import type * as FetchModule from './fetch.ts';

const load = createRequire(import.meta.url);

/** A running instrumentation. */
export interface Instrumentation {
  /** Leaves later requests alone; never throws. Requests under way end unobserved. */
  stop(): void;
}

/** Half of it, by the name of the official package for it: `http` for servers and clients, `undici` for fetch. */
export type HttpPart = 'http' | 'undici';

/** Instruments incoming and outgoing HTTP from now on. Never throws. */
export function instrumentHttp(options: HttpOptions, parts: readonly HttpPart[] = ['http', 'undici']): Instrumentation {
  const server = once(() => (load('./http-server.ts') as typeof HttpServerModule).createHttpServer(options));
  const client = once(() => (load('./http-client.ts') as typeof HttpClientModule).createHttpClient(options));
  const fetch = once(() => (load('./fetch.ts') as typeof FetchModule).createFetch(options));
  const isObserving = parts.includes('http');
  const subscriptions: (() => void)[] = [];
  if (isObserving || options.take !== undefined) {
    subscriptions.push(
      listen('http.server.request.start', (message: HttpServerModule.RequestStart) =>
        server.get().onRequestStart(message),
      ),
      listen(NET_LISTENING, ({ server: listening }: { readonly server: object }) => {
        if (isHttp2(listening) && !isOwn(listening)) server.get().coverHttp2(listening);
      }),
    );
  }
  if (isObserving) {
    subscriptions.push(
      listen(clientRequestChannel(), (message: HttpClientModule.ClientMessage) => client.get().onRequest(message)),
      listen('http.client.response.finish', (message: HttpClientModule.ClientResponseMessage) =>
        client.made?.onResponse(message),
      ),
      listen('http.client.request.error', (message: HttpClientModule.ClientErrorMessage) =>
        client.made?.onError(message),
      ),
    );
  }
  if (parts.includes('undici')) {
    subscriptions.push(
      listen('undici:request:create', (message: FetchModule.UndiciMessage) => fetch.get().onRequest(message)),
      listen('undici:client:sendHeaders', (message: FetchModule.UndiciSentMessage) => fetch.made?.onSent(message)),
      listen('undici:request:headers', (message: FetchModule.UndiciResponseMessage) => fetch.made?.onResponse(message)),
      listen('undici:request:trailers', (message: FetchModule.UndiciMessage) => fetch.made?.onComplete(message)),
      listen('undici:request:error', (message: FetchModule.UndiciErrorMessage) => fetch.made?.onError(message)),
    );
  }
  return {
    stop() {
      for (const unlisten of subscriptions) unlisten();
      server.made?.stop();
    },
  };
}

/** Published by `node:net` after a server began to listen, with `{ server }`. In Node.js 20 to 26. */
const NET_LISTENING = 'tracing:net.server.listen:asyncEnd';

/** Comparing classes would load `node:http2`, which does not give that of its servers away either. */
function isHttp2(server: object): boolean {
  return 'updateSettings' in server && typeof server.updateSettings === 'function';
}

/**
 * Subscribes a guarded listener; the returned function takes it away.
 *
 * Node reports an exception of a subscriber as uncaught, which would end the program.
 */
function listen(channel: string, onMessage: (message: never) => void): () => void {
  const listener = (message: unknown): void => {
    try {
      onMessage(message as never);
    } catch (cause) {
      degrade(channel, cause);
    }
  };
  subscribe(channel, listener);
  return () => unsubscribe(channel, listener);
}

/** Requests are announced before anything is sent since Node 22.12; before that, when they are sent. */
function clientRequestChannel(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const early = major > 22 || (major === 22 && minor >= 12);
  return early ? 'http.client.request.created' : 'http.client.request.start';
}
