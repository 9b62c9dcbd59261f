/** Real Prometheus servers that scrape one target, and promtool. */
import { writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  freePort,
  getText,
  launch,
  programFile,
  temporaryFolder,
  waitUntilReady,
  type Owner,
  type Running,
} from './backends.ts';

/** The versions under test and the packages that hold them. */
export const PROMETHEUS_VERSIONS = { '2.42': 'debian-bookworm', '2.53': 'debian-trixie', '3': 'debian-forky' } as const;

export type PrometheusVersion = keyof typeof PROMETHEUS_VERSIONS;

/** One series of an instant query. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One exemplar, as Prometheus stored it. */
export interface StoredExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
}

export interface PrometheusOptions {
  /** Pages of the target, each a scrape job of its own. Default: `/metrics`. */
  readonly paths?: readonly string[];
  readonly flags?: readonly string[];
}

export interface Prometheus {
  readonly running: Running;
  /** Runs an instant query whose result is a vector. */
  readonly query: (promql: string) => Promise<readonly Series[]>;
  /** Last error of scraping the target; empty when healthy. */
  readonly scrapeError: () => Promise<string>;
  /** Last error by scraped page, for the pages that were scraped already. */
  readonly scrapeErrors: () => Promise<ReadonlyMap<string, string>>;
  /** Exemplars of the last hour of the series of a query. */
  readonly exemplars: (promql: string) => Promise<readonly StoredExemplar[]>;
}

/** Starts a Prometheus that scrapes `target` (`host:port`) every second. */
export async function startPrometheus(
  owner: Owner,
  version: PrometheusVersion,
  target: string,
  { paths = ['/metrics'], flags = [] }: PrometheusOptions = {},
): Promise<Prometheus> {
  const folder = await temporaryFolder(owner);
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs: ${JSON.stringify(paths.map((path, index) => jobOf(target, path, index)))}\n`,
  );
  const port = await freePort();
  const running = launch(owner, programFile(PROMETHEUS_VERSIONS[version], 'usr', 'bin', 'prometheus'), [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
    ...flags,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/-/ready`, running);
  return {
    running,
    query: (promql) => instantQuery(url, promql),
    scrapeError: async () => (await activeTargets(url))[0]?.lastError ?? 'no target',
    scrapeErrors: async () => {
      const scraped = (await activeTargets(url)).filter(({ health }) => health !== 'unknown');
      return new Map(scraped.map(({ scrapeUrl, lastError }) => [new URL(scrapeUrl).pathname, lastError]));
    },
    exemplars: (promql) => queryExemplars(url, promql),
  };
}

function jobOf(target: string, path: string, index: number): object {
  return { job_name: index === 0 ? 'app' : `app${index}`, metrics_path: path, static_configs: [{ targets: [target] }] };
}

interface Target {
  readonly health: 'up' | 'down' | 'unknown';
  readonly scrapeUrl: string;
  readonly lastError: string;
}

async function activeTargets(url: string): Promise<readonly Target[]> {
  const answer = JSON.parse(await getText(`${url}/api/v1/targets`)) as { data: { activeTargets: Target[] } };
  return answer.data.activeTargets;
}

async function queryExemplars(url: string, promql: string): Promise<readonly StoredExemplar[]> {
  const now = Date.now() / 1000;
  const range = `start=${now - 3_600}&end=${now + 60}`;
  const answer = await getText(`${url}/api/v1/query_exemplars?query=${encodeURIComponent(promql)}&${range}`);
  const { data } = JSON.parse(answer) as { data: { exemplars: StoredExemplar[] }[] };
  return data.flatMap(({ exemplars }) => exemplars);
}

interface QueryAnswer {
  readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
}

/** An instant query by Prometheus' HTTP API, which VictoriaMetrics serves too. */
export async function instantQuery(url: string, promql: string): Promise<readonly Series[]> {
  const answer = await getText(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { data } = JSON.parse(answer) as QueryAnswer;
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** What `promtool check metrics` of that version says about a page; empty when it is content. */
export function checkMetrics(version: PrometheusVersion, page: string): string {
  const promtool = programFile(PROMETHEUS_VERSIONS[version], 'usr', 'bin', 'promtool');
  const { status, stdout, stderr, error } = spawnSync(promtool, ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  if (error !== undefined) return error.message;
  return status === 0 ? '' : `code ${status}: ${stdout}${stderr}`;
}
