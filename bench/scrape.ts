/**
 * Scrape: what one scrape of 2 000 histogram series costs the process that is scraped, over real HTTP.
 *
 * Each series is recorded once between two scrapes. Uncompressed: compression is the same for everybody.
 */
import { get } from 'node:http';
import type { BenchOptions } from './support/options.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { LOAD_CORE, pin, SERVER_CORE, unpinSelf } from './support/pin.ts';
import type { Clause, Figure, Results } from './support/results.ts';
import { startServer, type ServerProcess } from './support/server.ts';
import { lowerQuartile, median } from './support/statistics.ts';

const WARM_UP_ROUNDS = 8;
const PROMETHEUS_ACCEPT = 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

interface Sample {
  /** The figure compared; the CPU clock of some kernels moves in steps of 4 ms. */
  readonly busyMillis: number;
  readonly cpuMillis: number;
  readonly longestBlockMillis: number;
  readonly wallMillis: number;
  readonly bytes: number;
  readonly series: number;
}

interface Exposer {
  readonly name: string;
  readonly server: ServerProcess;
  readonly samples: Sample[];
}

export async function benchScrape(options: BenchOptions): Promise<Results> {
  pin(process.pid, LOAD_CORE);
  const exposers: Exposer[] = [];
  try {
    for (const name of chooseExposers(options)) exposers.push(await launch(name));
    const rounds = WARM_UP_ROUNDS + (options.quick ? 10 : 40);
    for (let round = 0; round < rounds; round++) {
      for (const { server, samples } of round % 2 === 0 ? exposers : exposers.toReversed()) {
        const sample = await scrapeOnce(server);
        if (round >= WARM_UP_ROUNDS) samples.push(sample);
      }
    }
  } finally {
    await Promise.all(exposers.map(({ server }) => server.stop()));
    unpinSelf();
  }
  return { bench: 'scrape', figures: exposers.map((exposer) => describe(exposer, exposers)), clauses: judge(exposers) };
}

function chooseExposers({ peers }: BenchOptions): string[] {
  const names: string[] = [];
  if (isDuotelBuilt()) names.push('duotel');
  if (peers.has('stock')) names.push('upstream');
  if (peers.has('promclient')) names.push('prom-client');
  return names;
}

async function launch(name: string): Promise<Exposer> {
  const env = {
    EXPOSER: name,
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    // The others have none on their pages.
    DUOTEL_RUNTIME_METRICS: 'off',
  };
  const server = await startServer({ program: 'programs/scrape-server.mjs', core: SERVER_CORE, env });
  return { name, server, samples: [] };
}

async function scrapeOnce(server: ServerProcess): Promise<Sample> {
  await server.fill();
  await server.mark();
  const from = performance.now();
  const text = await fetchText(server.port);
  const wallMillis = performance.now() - from;
  const { cpuMicros, busyMillis, longestBlockMillis } = await server.report();
  return {
    busyMillis: busyMillis ?? Number.NaN,
    cpuMillis: cpuMicros / 1000,
    longestBlockMillis: longestBlockMillis ?? Number.NaN,
    wallMillis,
    bytes: Buffer.byteLength(text),
    series: text.match(/^http_server_request_duration\w*_count/gm)?.length ?? 0,
  };
}

/** Plain GET without content codings, as `fetch` cannot do. */
function fetchText(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/metrics', headers: { accept: PROMETHEUS_ACCEPT } });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
  });
}

function describe({ name, samples }: Exposer, exposers: readonly Exposer[]): Figure {
  const low = (read: (sample: Sample) => number): number => lowerQuartile(samples.map(read));
  const own = busyMillisOf(exposers, name);
  return {
    name,
    values: {
      'loop busy ms/scrape p25': own,
      'cpu ms': low(({ cpuMillis }) => cpuMillis),
      'longest block ms': low(({ longestBlockMillis }) => longestBlockMillis),
      'wall ms': low(({ wallMillis }) => wallMillis),
      MB: median(samples.map(({ bytes }) => bytes)) / 1e6,
      series: median(samples.map(({ series }) => series)),
      '/ prom-client': own / busyMillisOf(exposers, 'prom-client'),
      '/ upstream': own / busyMillisOf(exposers, 'upstream'),
    },
  };
}

function judge(exposers: readonly Exposer[]): Clause[] {
  const duotel = busyMillisOf(exposers, 'duotel');
  if (!Number.isFinite(duotel)) return [];
  const clause = (peer: string, limit: number): Clause => ({
    clause: `scrape of 2 000 histogram series, duotel / ${peer}`,
    limit,
    measured: duotel / busyMillisOf(exposers, peer),
    unit: '×',
  });
  return [clause('prom-client', 0.15), clause('upstream', 0.03)];
}

function busyMillisOf(exposers: readonly Exposer[], name: string): number {
  return lowerQuartile(
    exposers.find((exposer) => exposer.name === name)?.samples.map(({ busyMillis }) => busyMillis) ?? [],
  );
}
