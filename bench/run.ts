/**
 * `npm run bench -- [startup|http|latency|delivery|outage|metrics|scrape|all] [--quick] [--peers stock,auto,ddtrace,promclient,sentry|none]`
 *
 * Every figure stands beside another set-up's of the same run: absolute numbers do not travel between machines.
 */
import { parseArgs } from 'node:util';
import { ensurePeers, isDuotelBuilt, parsePeers } from './support/peers.ts';
import type { BenchOptions } from './support/options.ts';
import { describeMachine, printMachine, publish, type Results } from './support/results.ts';

type Bench = (options: BenchOptions) => Promise<Results>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  startup: async () => (await import('./startup.ts')).benchStartup,
  http: async () => (await import('./http.ts')).benchHttp,
  latency: async () => (await import('./latency.ts')).benchLatency,
  delivery: async () => (await import('./delivery.ts')).benchDelivery,
  outage: async () => (await import('./outage.ts')).benchOutage,
  metrics: async () => (await import('./metrics.ts')).benchMetrics,
  scrape: async () => (await import('./scrape.ts')).benchScrape,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, peers: { type: 'string' } },
});
const asked = positionals.length === 0 || positionals.includes('all') ? Object.keys(BENCHES) : positionals;
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0)
  throw new Error(`unknown bench ${unknown.join(', ')}: choose from ${Object.keys(BENCHES).join(', ')}`);

const options: BenchOptions = { quick: values.quick, peers: parsePeers(values.peers) };
ensurePeers(options.peers);
const machine = describeMachine();
printMachine(machine);
if (!isDuotelBuilt()) console.log('dist/ is missing (npm run build): peers only');
for (const name of asked) {
  console.log(`\n${name}`);
  const bench = await BENCHES[name]?.();
  if (bench !== undefined) publish(await bench(options), machine);
}
