/** A Prometheus endpoint over a small real provider, for tests. */
import type { TestContext } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { redirectNotices } from '../../src/core/notices.ts';
import type { ScrapeConfig } from '../../src/config/config.ts';
import { SnapshotReader } from '../../src/metrics/reader.ts';
import { createScrape, type Scrape, type ScrapeInput } from '../../src/outputs/scrape.ts';
import type { HttpTarget } from './http-request.ts';
import { until } from './until.ts';

/** Any free port on loopback. */
export const SCRAPE_CONFIG: ScrapeConfig = { open: 'always', host: '127.0.0.1', port: 0, whenBusy: 'off' };

/** A reader with one counter, and what else `record` makes. */
export function createReader(record: (provider: MeterProvider) => void = () => {}): SnapshotReader {
  const reader = new SnapshotReader(500);
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'svc' }),
    readers: [reader],
  });
  provider.getMeter('test').createCounter('orders').add(3);
  record(provider);
  return reader;
}

/** Opens an endpoint that is closed after the test. */
export async function openScrape(
  t: TestContext,
  input: Partial<ScrapeInput> = {},
): Promise<HttpTarget & { scrape: Scrape }> {
  const reader = createReader();
  const scrape = createScrape({ config: SCRAPE_CONFIG, collect: () => reader.snapshot(), ...input });
  t.after(scrape.close);
  return { scrape, ...(await until('endpoint is open', scrape.address)) };
}

/** Lines of the notices from now to the end of the test. */
export function captureNotices(t: TestContext): string[] {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  return lines;
}
