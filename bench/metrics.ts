/**
 * Metrics: nanoseconds per histogram record, five attributes in a fresh object, 24 series, 14 boundaries.
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

export async function benchMetrics(options: BenchOptions): Promise<Results> {
  const recorders = chooseRecorders(options);
  const samples = new Map<string, number[]>(recorders.map(({ key }) => [key, []]));
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
        const command = { program: 'programs/record.mjs', env: { ...env, RECORDER: key } };
        const { nanosPerRecord } = await measure<{ nanosPerRecord: number[] }>(command);
        samples.get(key)?.push(...nanosPerRecord);
      }
    }
  } finally {
    await sink.stop();
  }
  const nanos = (key: string): number => lowerQuartile(samples.get(key) ?? []);
  return {
    bench: 'metrics',
    figures: recorders.map(({ key, name }) => describe(name, samples.get(key) ?? [], nanos)),
    clauses: samples.has('duotel') ? [clause(nanos('duotel') / nanos('prom-client'))] : [],
  };
}

function chooseRecorders({ peers }: BenchOptions): Recorder[] {
  const recorders: Recorder[] = [{ key: 'empty', name: 'empty loop' }];
  if (isDuotelBuilt()) recorders.push({ key: 'duotel', name: 'duotel, all outputs' });
  if (peers.has('stock'))
    recorders.push({ key: 'sdk1', name: 'SDK, one reader' }, { key: 'sdk2', name: 'SDK, two readers' });
  if (peers.has('promclient')) recorders.push({ key: 'prom-client', name: 'prom-client' });
  return recorders;
}

function describe(name: string, samples: readonly number[], nanos: (key: string) => number): Figure {
  const own = lowerQuartile(samples);
  return {
    name,
    values: {
      'ns/record p25': own,
      median: median(samples),
      '/ prom-client': own / nanos('prom-client'),
      '/ SDK, two readers': own / nanos('sdk2'),
    },
  };
}

function clause(measured: number): Clause {
  return { clause: 'record through the facade, duotel / prom-client', limit: 0.5, measured, unit: '×' };
}
