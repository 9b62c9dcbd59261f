/**
 * The Prometheus endpoint: its own listener, the path on the application's servers, and the handler for its routes.
 *
 * Everything heavy (`node:http`, compression, rendering) is loaded when the endpoint opens or the first request comes.
 * Layer: outputs. DESIGN decision D11 (docs/decisions).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { degrade, guard } from '../core/guard.ts';
import type { ScrapeConfig } from '../config/config.ts';
import { onFirstListen } from './first-listen.ts';
import type { Collect } from './page.ts';
import type * as AccessModule from './scrape-access.ts';
import type * as ScrapeDoor from './scrape-door.ts';
import type * as ScrapeServer from './scrape-server.ts';
import type { MetricsHandler } from './scrape-types.ts';

const load = createRequire(import.meta.url);

export interface ScrapeInput {
  readonly config: ScrapeConfig;
  readonly collect: Collect;
}

/** The endpoint of one run. */
export interface Scrape {
  /** Answers a request with the page, whatever its path: routing is the caller's. Never throws. */
  readonly handler: MetricsHandler;
  /** Answers requests for the path on the application's servers; `undefined` where there is none. */
  readonly take: TakeRequest | undefined;
  /** Where the page is served; `undefined` while it is not. */
  readonly address: () => ScrapeServer.ScrapeAddress | undefined;
  /** Closes the listener and its connections; resolves when the port is free. Never rejects. */
  readonly close: () => Promise<void>;
}

/** Whether a request was ours and is being answered, so that the application must not see it. Never throws. */
export type TakeRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Makes the endpoint. It opens at once, when the process first listens, or never, as `config.open` says. */
export function createScrape({ config, collect }: ScrapeInput): Scrape {
  let made: ScrapeDoor.Door | undefined;
  const door = (): ScrapeDoor.Door => {
    made ??= doors().createDoor(collect, config.access && createAccess(config.access), config.page);
    return made;
  };
  let server: ScrapeServer.ScrapeServer | undefined;
  let closed = false;
  const answer: TakeRequest = (request, response) => {
    try {
      door().onNode(request, response);
    } catch (cause) {
      degrade('scrape.answer', cause);
      response.destroy();
    }
    return true;
  };
  const open = (): void => {
    const { openScrapeServer } = load('./scrape-server.ts') as typeof ScrapeServer;
    server = openScrapeServer(config, answer);
  };
  const cancel = openWhen(config.open, () => guard('scrape.open', open, undefined));
  const { appPath } = config;
  return {
    handler: createHandler(door),
    take:
      appPath === undefined
        ? undefined
        : (request, response) => !closed && isAt(appPath, request.url) && answer(request, response),
    address: () => server?.address(),
    async close() {
      closed = true;
      cancel();
      await server?.close();
    },
  };
}

/** The handler of a program without telemetry: whoever scrapes it is told so. */
export function createIdleHandler(): MetricsHandler {
  let made: ScrapeDoor.Door | undefined;
  return createHandler(() => (made ??= doors().createIdleDoor()));
}

/** What is no request at all is the caller's mistake, and told where it can be told: in `status()`. */
function createHandler(door: () => ScrapeDoor.Door): MetricsHandler {
  const handle = (...call: readonly unknown[]): unknown => {
    try {
      return door().onAny(call);
    } catch (cause) {
      degrade('scrape.answer', cause);
      return undefined;
    }
  };
  return handle as MetricsHandler;
}

function doors(): typeof ScrapeDoor {
  return load('./scrape-door.ts') as typeof ScrapeDoor;
}

function createAccess(config: NonNullable<ScrapeConfig['access']>): AccessModule.Access {
  return (load('./scrape-access.ts') as typeof AccessModule).createAccess(config);
}

/** Asked for each request of the application: no object is made. */
function isAt(path: string, url: string | undefined): boolean {
  if (url === undefined || !url.startsWith(path)) return false;
  return url.length === path.length || url[path.length] === '?';
}

/** Returns a function that forgets about opening. */
function openWhen(when: ScrapeConfig['open'], open: () => void): () => void {
  if (when === 'listening') return onFirstListen(open);
  if (when === 'always') open();
  return () => {};
}
