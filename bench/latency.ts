/**
 * Latency: what the preload adds to a hello-world server at a fixed 1 000 requests/s (T38).
 *
 * Both servers live at once on one core; load and receiver on the other. Windows alternate, so that what the machine does
 * meanwhile happens to both. A request counts from the moment it was due.
 */
import { HTTP_SETUPS, type HttpSetup } from './http-setups.ts';
import { runLoad } from './support/load.ts';
import type { BenchOptions } from './support/options.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { LOAD_CORE, pin, SERVER_CORE, unpinSelf } from './support/pin.ts';
import type { Figure, Results } from './support/results.ts';
import { startServer, type ServerProcess } from './support/server.ts';
import { startSink, type Sink } from './support/sink.ts';
import { median, pairedDifference, percentile } from './support/statistics.ts';

interface Plan {
  /** Windows of each server. */
  readonly rounds: number;
  readonly windowMillis: number;
  readonly warmUpRequests: number;
}

/** A minute of each. */
const FULL: Plan = { rounds: 30, windowMillis: 2000, warmUpRequests: 20_000 };
const QUICK: Plan = { rounds: 6, windowMillis: 500, warmUpRequests: 4000 };

const RATE = 1000;

/** BUDGETS §1: added to the 99th percentile, milliseconds. */
const LIMIT_MILLIS = 0.3;

interface Running {
  readonly name: string;
  readonly server: ServerProcess;
  /** Of each window, milliseconds. */
  readonly windows: (readonly number[])[];
}

export async function benchLatency(options: BenchOptions): Promise<Results> {
  const compared = isDuotelBuilt() ? ['bare', 'duotel'] : ['bare'];
  const setups = HTTP_SETUPS.filter(({ name }) => compared.includes(name));
  const pinned = pin(process.pid, LOAD_CORE);
  const sink = startSink();
  const running: Running[] = [];
  try {
    for (const setup of setups) running.push(await launch(setup, sink));
    await measure(running, options.quick ? QUICK : FULL);
  } finally {
    await Promise.all(running.map(({ server }) => server.stop()));
    await sink.stop();
    unpinSelf();
  }
  return {
    bench: 'latency',
    figures: running.map((each) => describe(each, running)),
    clauses: [
      { clause: `p99 added at ${RATE} requests/s`, limit: LIMIT_MILLIS, measured: pairedP99(running), unit: 'ms' },
    ],
    notes: pinned ? [] : ['no taskset: servers and load share cores, expect noise'],
  };
}

async function launch({ name, execArgv, env }: HttpSetup, sink: Sink): Promise<Running> {
  const server = await startServer({
    program: 'programs/http-server.mjs',
    core: SERVER_CORE,
    execArgv,
    env: env(await sink.open(name)),
  });
  return { name, server, windows: [] };
}

async function measure(running: readonly Running[], plan: Plan): Promise<void> {
  for (const { server } of running) await runLoad({ port: server.port, requests: plan.warmUpRequests });
  for (let round = 0; round < plan.rounds; round++) {
    for (const { server, windows } of round % 2 === 0 ? running : running.toReversed()) {
      const { latencies } = await runLoad({ port: server.port, millis: plan.windowMillis, rate: RATE });
      windows.push(latencies);
    }
  }
}

const windowP99s = ({ windows }: Running): number[] => windows.map((latencies) => percentile(latencies, 0.99));

function describe(each: Running, all: readonly Running[]): Figure {
  const { name, windows } = each;
  const latencies = windows.flat();
  const bare = all.find((other) => other.name === 'bare');
  const isControl = bare === undefined || bare === each;
  return {
    name,
    values: {
      requests: latencies.length,
      'p50 ms': percentile(latencies, 0.5),
      'p99 ms': percentile(latencies, 0.99),
      'p99 of windows, median': median(windowP99s(each)),
      'added p50 ms': isControl ? null : difference(all, 0.5),
      'added p99 ms': isControl ? null : difference(all, 0.99),
      'added p99 paired median': isControl ? null : pairedP99(all),
    },
  };
}

/** Of all requests of each; NaN if one of them was not measured. */
function difference(all: readonly Running[], share: number): number {
  const of = (name: string): number => percentile(all.find((each) => each.name === name)?.windows.flat() ?? [], share);
  return of('duotel') - of('bare');
}

/** Window by window, which a disturbed one cannot change; NaN if one of them was not measured. */
function pairedP99(all: readonly Running[]): number {
  const of = (name: string): number[] => all.filter((each) => each.name === name).flatMap(windowP99s);
  return pairedDifference(of('duotel'), of('bare'));
}
