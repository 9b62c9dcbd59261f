/**
 * The Prometheus endpoint: when it opens, and the handler for servers of the application.
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
import type * as ScrapePage from './scrape-page.ts';
import type * as ScrapeServer from './scrape-server.ts';

const load = createRequire(import.meta.url);

export interface ScrapeInput {
  readonly config: ScrapeConfig;
  readonly collect: Collect;
}

/** The endpoint of one run. */
export interface Scrape {
  /** Answers a request with the page, whatever its path: routing is the caller's. Never throws. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Where the page is served; `undefined` while it is not. */
  readonly address: () => ScrapeServer.ScrapeAddress | undefined;
  /** Closes the listener and its connections; resolves when the port is free. Never rejects. */
  readonly close: () => Promise<void>;
}

/** Makes the endpoint. It opens at once, when the process first listens, or never, as `config.open` says. */
export function createScrape({ config, collect }: ScrapeInput): Scrape {
  let source: ScrapePage.PageSource | undefined;
  let server: ScrapeServer.ScrapeServer | undefined;
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    try {
      source ??= (load('./scrape-page.ts') as typeof ScrapePage).createPageSource(collect, config.page);
      source.answer(request, response);
    } catch (cause) {
      degrade('scrape.answer', cause);
      response.destroy();
    }
  };
  const open = (): void => {
    const { openScrapeServer } = load('./scrape-server.ts') as typeof ScrapeServer;
    server = openScrapeServer(config, handler);
  };

  const cancel = openWhen(config.open, () => guard('scrape.open', open, undefined));
  return {
    handler,
    address: () => server?.address(),
    async close() {
      cancel();
      await server?.close();
    },
  };
}

/** Returns a function that forgets about opening. */
function openWhen(when: ScrapeConfig['open'], open: () => void): () => void {
  if (when === 'listening') return onFirstListen(open);
  if (when === 'always') open();
  return () => {};
}
