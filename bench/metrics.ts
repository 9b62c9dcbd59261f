/**
 * Metrics: nanoseconds per histogram record, and what series cost that nobody records.
 *
 * Records: five attributes, 24 series, 14 boundaries; a fresh object at each record, and objects used again. Keeping:
 * bytes per idle series, and how long a snapshot and a push of it hold the event loop.
 */
import type { BenchOptions } from './support/options.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { measure } from './support/processes.ts';
import type { Clause, Figure, Results } from './support/results.ts';
import { startSink } from './support/sink.ts';
import { lowerQuartile, median } from './support/statistics.ts';

interface Recorder {
  /** Key in `programs/record.mjs`. */
  readonly key: string;
  readonly name: string;
}

type Objects = 'fresh' | 'same';

export async function benchMetrics(options: BenchOptions): Promise<Results> {
  const recorders = chooseRecorders(options);
  const records = await measureRecords(options, recorders);
  const nanos = (key: string, objects: Objects): number => lowerQuartile(records.get(`${key} ${objects}`) ?? []);
  const figures = recorders.map(({ key, name }) => ({
    name,
    values: {
      'ns/record p25': nanos(key, 'fresh'),
      median: median(records.get(`${key} fresh`) ?? []),
      'same object': nanos(key, 'same'),
      '/ prom-client': nanos(key, 'fresh') / nanos('prom-client', 'fresh'),
      '/ SDK, two readers': nanos(key, 'fresh') / nanos('sdk2', 'fresh'),
    },
  }));
  const keeping = await measureKeeping(options);
  return {
    bench: 'metrics',
    figures: [...figures, ...keeping.figures],
    clauses: [
      ...(isDuotelBuilt() ? [recordClause(nanos('duotel', 'fresh') / nanos('prom-client', 'fresh'))] : []),
      ...keeping.clauses,
    ],
  };
}

async function measureRecords(options: BenchOptions, recorders: readonly Recorder[]): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>();
  const sink = startSink();
  try {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await sink.open('metrics')}`,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      BATCHES: options.quick ? '16' : '40',
    };
    for (let round = 0; round < (options.quick ? 2 : 6); round++) {
      for (const { key } of round % 2 === 0 ? recorders : recorders.toReversed()) {
        for (const objects of ['fresh', 'same'] as const) {
          const command = { program: 'programs/record.mjs', env: { ...env, RECORDER: key, OBJECTS: objects } };
          const { nanosPerRecord } = await measure<{ nanosPerRecord: number[] }>(command);
          const sample = `${key} ${objects}`;
          samples.set(sample, [...(samples.get(sample) ?? []), ...nanosPerRecord]);
        }
      }
    }
  } finally {
    await sink.stop();
  }
  return samples;
}

interface Kept {
  readonly bytesPerSeries: number;
  readonly blocks: readonly number[];
  readonly totals: readonly number[];
  readonly nowMillis?: number;
  readonly pushBlocks: readonly number[];
  readonly pushTotals: readonly number[];
}

async function measureKeeping({
  peers,
  quick,
}: BenchOptions): Promise<Pick<Results, 'figures'> & { clauses: Clause[] }> {
  // The store itself is measured from its source, but with the SDK's package, which is a peer here.
  if (!peers.has('stock')) return { figures: [], clauses: [] };
  const figures: Figure[] = [];
  const clauses: Clause[] = [];
  for (const series of [2_000, 100_000]) {
    const samples = new Map<string, Kept[]>(['duotel', 'sdk1', 'sdk2'].map((key) => [key, []]));
    for (let round = 0; round < (quick ? 1 : 4); round++) {
      for (const [keeper, kept] of round % 2 === 0 ? samples : [...samples].toReversed()) {
        const env = { KEEPER: keeper, SERIES: `${series}` };
        kept.push(await measure<Kept>({ program: 'programs/series.mjs', execArgv: ['--expose-gc'], env }));
      }
    }
    for (const [keeper, kept] of samples) figures.push(describeKept(`${keeper}, ${series} idle series`, kept));
    const bytes = (keeper: string): number => median((samples.get(keeper) ?? []).map((each) => each.bytesPerSeries));
    clauses.push({
      clause: `bytes per idle series of ${series}, duotel / SDK one reader`,
      limit: 1,
      measured: bytes('duotel') / bytes('sdk1'),
      unit: '×',
    });
    const ours = samples.get('duotel') ?? [];
    for (const [what, blocks] of [
      ['snapshot', ours.flatMap((each) => each.blocks)],
      ['push', ours.flatMap((each) => each.pushBlocks)],
    ] as const) {
      clauses.push({
        clause: `longest loop block of a ${what} of ${series}, p75`,
        limit: 25,
        measured: upper(blocks),
        unit: 'ms',
      });
    }
  }
  return { figures, clauses };
}

function describeKept(name: string, kept: readonly Kept[]): Figure {
  return {
    name,
    values: {
      'bytes/series': median(kept.map(({ bytesPerSeries }) => bytesPerSeries)),
      'longest block ms p75': upper(kept.flatMap(({ blocks }) => blocks)),
      'worst block ms': Math.max(...kept.flatMap(({ blocks }) => blocks)),
      'snapshot ms': median(kept.flatMap(({ totals }) => totals)),
      'snapshotNow ms': median(kept.map(({ nowMillis }) => nowMillis ?? Number.NaN)),
      'push ms': median(kept.flatMap(({ pushTotals }) => pushTotals)),
      'push block ms p75': upper(kept.flatMap(({ pushBlocks }) => pushBlocks)),
      'worst push block ms': Math.max(...kept.flatMap(({ pushBlocks }) => pushBlocks)),
    },
  };
}

/** The upper quartile. */
function upper(values: readonly number[]): number {
  return -lowerQuartile(values.map((value) => -value));
}

function chooseRecorders({ peers }: BenchOptions): Recorder[] {
  const recorders: Recorder[] = [{ key: 'empty', name: 'empty loop' }];
  if (isDuotelBuilt()) recorders.push({ key: 'duotel', name: 'duotel, all outputs' });
  if (peers.has('stock'))
    recorders.push({ key: 'sdk1', name: 'SDK, one reader' }, { key: 'sdk2', name: 'SDK, two readers' });
  if (peers.has('promclient')) recorders.push({ key: 'prom-client', name: 'prom-client' });
  return recorders;
}

function recordClause(measured: number): Clause {
  return { clause: 'record through the facade, duotel / prom-client', limit: 0.5, measured, unit: '×' };
}
