/**
 * Start-up: milliseconds and memory added to an application's first line, against the same program without telemetry.
 *
 * Every round starts each set-up once, in alternating order, so that a slow minute of the machine hits all of them.
 * Times are taken inside the process, from its own start. No compile cache.
 */
import { STARTUP_SETUPS, type StartupSetup } from './startup-setups.ts';
import { measureFirstExports } from './first-export.ts';
import { writeManyModules } from './support/many-modules.ts';
import { countModules } from './support/modules.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { measure } from './support/processes.ts';
import type { BenchOptions } from './support/options.ts';
import type { Clause, Figure, Results } from './support/results.ts';
import { lowerQuartile, median, pairedDifference } from './support/statistics.ts';

interface Moment {
  readonly millis: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly rss: number;
}

interface Measurement extends Moment {
  readonly builtins: number;
  readonly listening?: Moment;
  readonly settled?: Omit<Moment, 'millis'>;
  readonly listeners?: number;
  readonly lastListenMillis?: number;
}

type Samples = ReadonlyMap<string, readonly Measurement[]>;

/** Reads one number out of a measurement. */
type Read = (measurement: Measurement) => number;

const firstLineMillis: Read = ({ millis }) => millis;
const firstLineCpuMillis: Read = ({ cpu }) => cpuMillis(cpu);
const firstLineMegabytes: Read = ({ rss }) => rss / 2 ** 20;
/** A server is up when it listens and its scrape listener, if it opens one, listens too. */
const upMillis: Read = ({ millis, listening, lastListenMillis }) =>
  Math.max(listening?.millis ?? millis, lastListenMillis ?? 0);
const settledCpuMillis: Read = ({ cpu, settled }) => cpuMillis(settled?.cpu ?? cpu);

export async function benchStartup(options: BenchOptions): Promise<Results> {
  writeManyModules();
  const setups = STARTUP_SETUPS.filter((setup) => isWanted(setup, options));
  const samples = await takeSamples(setups, options.quick ? 15 : 41);
  const compared = setups.filter((setup) => setup.control !== undefined);
  const modules = new Map<string, number>();
  for (const setup of compared) {
    if (setup.control !== 'bare server') modules.set(setup.name, await countModules(setup));
  }
  return {
    bench: 'startup',
    figures: compared.map((setup) => describe(setup, samples, modules)),
    clauses: isDuotelBuilt() ? judge(samples) : [],
    notes: await measureFirstExports(options),
  };
}

function isWanted({ duotel, peer }: StartupSetup, { peers }: BenchOptions): boolean {
  if (duotel === true) return isDuotelBuilt();
  return peer === undefined || peers.has(peer);
}

async function takeSamples(setups: readonly StartupSetup[], rounds: number): Promise<Samples> {
  const samples = new Map<string, Measurement[]>(setups.map(({ name }) => [name, []]));
  // One round unrecorded fills the disk cache.
  for (let round = -1; round < rounds; round++) {
    const order = round % 2 === 0 ? setups : setups.toReversed();
    for (const setup of order) {
      const measurement = await measure<Measurement>(setup);
      if (round >= 0) samples.get(setup.name)?.push(measurement);
    }
  }
  return samples;
}

function describe(setup: StartupSetup, samples: Samples, modules: ReadonlyMap<string, number>): Figure {
  const isServer = setup.control === 'bare server';
  return {
    name: setup.name,
    values: {
      'added ms p25': added(samples, setup, firstLineMillis),
      'paired median': addedPaired(samples, setup, firstLineMillis),
      'cpu ms': added(samples, setup, firstLineCpuMillis),
      'RSS MB': added(samples, setup, firstLineMegabytes),
      'up ms': isServer ? added(samples, setup, upMillis) : null,
      'settled cpu ms': isServer ? added(samples, setup, settledCpuMillis) : null,
      'built-ins': median(of(samples, setup.name, ({ builtins }) => builtins)) - builtinsOfControl(samples, setup),
      files: modules.get(setup.name) ?? null,
    },
  };
}

function builtinsOfControl(samples: Samples, { control = '' }: StartupSetup): number {
  return median(of(samples, control, ({ builtins }) => builtins));
}

function judge(samples: Samples): Clause[] {
  const millis = (name: string, read = firstLineMillis): number => added(samples, byName(name), read);
  const megabytes = STARTUP_SETUPS.filter(({ duotel }) => duotel).map((setup) =>
    added(samples, setup, firstLineMegabytes),
  );
  const bareModules = lowerQuartile(of(samples, 'bare, 500 ES modules', firstLineMillis));
  const clause = (text: string, limit: number, measured: number, unit = 'ms'): Clause => ({
    clause: text,
    limit,
    measured,
    unit,
  });
  return [
    clause("CLI: import 'duotel' + start()", 15, millis('import + start()')),
    clause("CLI: import 'duotel' + start(), endpoint set", 15, millis('import + start(), endpoint')),
    clause('CLI: the same, application uses the API', 15, millis('import + start(), API in use')),
    clause("CLI: require('duotel').start()", 15, millis('require + start()')),
    clause('register, ESM', 25, millis('register')),
    clause('register, ESM, endpoint set', 25, millis('register, endpoint')),
    clause('register, CommonJS', 25, millis('register (CommonJS)')),
    clause('server with pull, both listening', 45, millis('register, server + pull', upMillis)),
    clause('DSN set, over register', 5, millis('register, DSN') - millis('register')),
    clause(
      'all bundled instrumentations, none used',
      3,
      millis('register') - millis('register, no instrumentation enabled'),
    ),
    clause(
      '40 instrumentations given, none used',
      3,
      millis('start(), 40 instrumentations given') - millis('start(), 0 instrumentations given'),
    ),
    clause('500 ES modules, register: 0.1 × bare + 25 ms', 25 + bareModules / 10, millis('register, 500 ES modules')),
    clause('OTEL_SDK_DISABLED=true', 3, millis('register, disabled')),
    clause('RSS at first line, worst set-up', 30, Math.max(...megabytes), 'MB'),
  ];
}

function byName(name: string): StartupSetup {
  const setup = STARTUP_SETUPS.find((candidate) => candidate.name === name);
  if (setup === undefined) throw new Error(`no such set-up: ${name}`);
  return setup;
}

/** Difference of the lower quartiles: the figure the budgets are judged by. */
function added(samples: Samples, { name, control = '' }: StartupSetup, read: Read): number {
  return lowerQuartile(of(samples, name, read)) - lowerQuartile(of(samples, control, read));
}

function addedPaired(samples: Samples, { name, control = '' }: StartupSetup, read: Read): number {
  return pairedDifference(of(samples, name, read), of(samples, control, read));
}

function of(samples: Samples, name: string, read: Read): number[] {
  return (samples.get(name) ?? []).map(read);
}

function cpuMillis({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
