/**
 * HTTP: CPU that a set-up adds to each request of a saturated hello-world server.
 *
 * All servers live at once on one core; load and receivers on the other. Short windows go round the set-ups in
 * alternating order, over two generations of processes, and lower quartiles are compared: medians swing by 40 %.
 */
import { HTTP_SETUPS, type HttpSetup } from './http-setups.ts';
import { runLoad } from './support/load.ts';
import type { BenchOptions } from './support/options.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { LOAD_CORE, pin, SERVER_CORE, unpinSelf } from './support/pin.ts';
import type { Clause, Figure, Results } from './support/results.ts';
import { startServer, type ServerProcess } from './support/server.ts';
import { startSink, type Sink } from './support/sink.ts';
import { lowerQuartile, median, pairedDifference, percentile } from './support/statistics.ts';

interface Plan {
  readonly generations: number;
  readonly rounds: number;
  readonly windowMillis: number;
  readonly warmUpRequests: number;
  /** Requests per second of the latency windows. */
  readonly pacedRate: number;
  readonly pacedRounds: number;
}

const SETTLE_MILLIS = 6000;

const FULL: Plan = {
  generations: 2,
  rounds: 8,
  windowMillis: 1500,
  warmUpRequests: 20_000,
  pacedRate: 1000,
  pacedRounds: 3,
};
const QUICK: Plan = { ...FULL, generations: 1, rounds: 4, windowMillis: 500, warmUpRequests: 6000, pacedRounds: 1 };

interface Sample {
  readonly microsPerRequest: number;
  readonly perSecond: number;
  readonly megabytes: number;
}

interface Series {
  readonly samples: Sample[];
  /** Of each window at the paced rate, milliseconds. */
  readonly p50s: number[];
  readonly p99s: number[];
  requests: number;
  spans: number;
}

function emptySeries(): Series {
  return { samples: [], p50s: [], p99s: [], requests: 0, spans: 0 };
}

interface Running {
  readonly setup: HttpSetup;
  readonly server: ServerProcess;
  readonly series: Series;
}

export async function benchHttp(options: BenchOptions): Promise<Results> {
  const setups = HTTP_SETUPS.filter(({ duotel, peer }) =>
    duotel === true ? isDuotelBuilt() : peer === undefined || options.peers.has(peer),
  );
  const pinned = pin(process.pid, LOAD_CORE);
  const plan = options.quick ? QUICK : FULL;
  const upstream = await startServer({ program: 'programs/upstream.mjs', core: LOAD_CORE });
  try {
    const hello = await measureAll(setups, plan, {});
    const fetching = await measureAll(setups, plan, { UPSTREAM: `http://127.0.0.1:${upstream.port}/hello` });
    return {
      bench: 'http',
      figures: [...describe('hello', hello), ...describe('fetch', fetching)],
      clauses: [...judge('hello world', hello, 0.4), ...judge('one fetch per request', fetching, 0.5)],
      notes: pinned ? [] : ['no taskset: server and load share cores, expect noise'],
    };
  } finally {
    await upstream.stop();
    unpinSelf();
  }
}

type Env = Readonly<Record<string, string>>;
type AllSeries = ReadonlyMap<string, Series>;

async function measureAll(setups: readonly HttpSetup[], plan: Plan, env: Env): Promise<AllSeries> {
  const all = new Map(setups.map(({ name }) => [name, emptySeries()]));
  for (let generation = 0; generation < plan.generations; generation++) {
    const sink = startSink();
    const running: Running[] = [];
    try {
      for (const setup of setups) running.push(await launch(setup, sink, { env, all }));
      await measureGeneration(running, plan, sink);
    } finally {
      await Promise.all(running.map(({ server }) => server.stop()));
      await sink.stop();
    }
  }
  return all;
}

async function launch(setup: HttpSetup, sink: Sink, { env, all }: { env: Env; all: AllSeries }): Promise<Running> {
  const series = all.get(setup.name);
  if (series === undefined) throw new Error(`no series for ${setup.name}`);
  const server = await startServer({
    program: 'programs/http-server.mjs',
    core: SERVER_CORE,
    execArgv: setup.execArgv,
    env: { ...env, ...setup.env(await sink.open(setup.name)) },
  });
  return { setup, server, series };
}

async function measureGeneration(running: readonly Running[], plan: Plan, sink: Sink): Promise<void> {
  for (const { server } of running) await runLoad({ port: server.port, requests: plan.warmUpRequests });
  const before = await sink.stats();
  for (let round = 0; round < plan.rounds; round++) {
    for (const each of alternating(running, round)) await measureSaturated(each, plan);
  }
  // The last batches: exporters send at most every five seconds.
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLIS));
  const after = await sink.stats();
  for (const { setup, series } of running) {
    series.spans += (after[setup.name]?.spans ?? 0) - (before[setup.name]?.spans ?? 0);
  }
  for (let round = 0; round < plan.pacedRounds; round++) {
    for (const each of alternating(running, round)) await measurePaced(each, plan);
  }
}

function alternating(running: readonly Running[], round: number): readonly Running[] {
  return round % 2 === 0 ? running : running.toReversed();
}

async function measureSaturated({ server, series }: Running, { windowMillis }: Plan): Promise<void> {
  await server.mark();
  const { requests, perSecond } = await runLoad({ port: server.port, millis: windowMillis });
  const { cpuMicros, rss } = await server.report();
  series.samples.push({ microsPerRequest: cpuMicros / requests, perSecond, megabytes: rss / 2 ** 20 });
  series.requests += requests;
}

async function measurePaced({ server, series }: Running, { windowMillis, pacedRate }: Plan): Promise<void> {
  const { latencies } = await runLoad({ port: server.port, millis: windowMillis, rate: pacedRate });
  series.p50s.push(percentile(latencies, 0.5));
  series.p99s.push(percentile(latencies, 0.99));
}

const micros = ({ samples }: Series): number[] => samples.map(({ microsPerRequest }) => microsPerRequest);

function describe(load: string, all: AllSeries): Figure[] {
  const added = (name: string): number => addedMicros(all, name);
  return [...all].map(([name, series]) => ({
    name: `${load}: ${name}`,
    values: {
      'cpu µs/request p25': lowerQuartile(micros(series)),
      'added µs': name === 'bare' ? null : added(name),
      'paired median': name === 'bare' ? null : pairedDifference(micros(series), micros(seriesOf(all, 'bare'))),
      '/ stock': ratio(added(name), added('stock'), name),
      '/ dd-trace': ratio(added(name), added('dd-trace'), name),
      'requests/s': median(series.samples.map(({ perSecond }) => perSecond)),
      'RSS MB': median(series.samples.map(({ megabytes }) => megabytes)),
      'spans/request': name === 'bare' ? null : series.spans / series.requests,
      'p50 ms': median(series.p50s),
      'p99 ms': median(series.p99s),
    },
  }));
}

function ratio(value: number, reference: number, name: string): number | null {
  return name === 'bare' || !Number.isFinite(reference) ? null : value / reference;
}

function seriesOf(all: AllSeries, name: string): Series {
  return all.get(name) ?? emptySeries();
}

/** Difference of the lower quartiles of CPU per request; NaN if the set-up was not measured. */
function addedMicros(all: AllSeries, name: string): number {
  return lowerQuartile(micros(seriesOf(all, name))) - lowerQuartile(micros(seriesOf(all, 'bare')));
}

/** Clauses of BUDGETS §1; hello world is also held against dd-trace and Sentry's defaults. */
function judge(load: string, all: AllSeries, ofStock: number): Clause[] {
  if (!all.has('duotel')) return [];
  const duotel = addedMicros(all, 'duotel');
  const clause = (peer: string, limit: number): Clause => ({
    clause: `${load}: added CPU, duotel / ${peer}`,
    limit,
    measured: duotel / addedMicros(all, peer),
    unit: '×',
  });
  return [clause('stock', ofStock), clause('dd-trace', 0.6)];
}
