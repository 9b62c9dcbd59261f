/** Serves pages of given snapshots, negotiated as the endpoint does it; for scrapers that want a server. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { PageConfig } from '../../src/config/config.ts';
import { createPageMaker } from '../../src/outputs/page.ts';
import type { Owner } from './backends.ts';

/** One page. */
export interface ServedPage {
  readonly metrics: ResourceMetrics;
  readonly config?: PageConfig;
  /** Replaces what the scraper accepts. */
  readonly accept?: string;
}

/** Serves each page under its path; gives `host:port`. */
export async function servePages(owner: Owner, pages: Readonly<Record<string, ServedPage>>): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    const makePage = createPageMaker(async () => ({ resourceMetrics: page.metrics }), page.config);
    void makePage(page.accept ?? request.headers.accept).then(({ contentType, body }) => {
      response.writeHead(200, { 'content-type': contentType }).end(Buffer.concat(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
