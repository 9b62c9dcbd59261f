/**
 * Delivery: what an ended span costs on its way out, by number of attributes, against upstream's batch processor and
 * exporter.
 */
import type { BenchOptions } from './support/options.ts';
import { isDuotelBuilt } from './support/peers.ts';
import { measure } from './support/processes.ts';
import type { Results } from './support/results.ts';
import { startSink } from './support/sink.ts';
import { lowerQuartile, median } from './support/statistics.ts';

interface Sample {
  readonly shapes: Readonly<
    Record<number, { readonly microsPerSpan: number; readonly bytesPerSpan: readonly number[] }>
  >;
  readonly blockMillis: readonly number[];
}

/** Numbers of attributes; an HTTP server span has about ten, and is what the clause is about. */
const SHAPES = [0, 5, 10, 20];
const TYPICAL = 10;

/** Spans made and ended without a processor: taken off everywhere. */
const BASE = 'none';

export async function benchDelivery({ quick, peers }: BenchOptions): Promise<Results> {
  const pipelines = [BASE, ...(isDuotelBuilt() ? ['duotel'] : []), ...(peers.has('stock') ? ['upstream'] : [])];
  const samples = new Map<string, Sample[]>(pipelines.map((pipeline) => [pipeline, []]));
  const sink = startSink();
  try {
    const endpoint = `http://127.0.0.1:${await sink.open('delivery')}`;
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'bench', REQUESTS: quick ? '100' : '300' };
    for (let round = 0; round < (quick ? 3 : 8); round++) {
      for (const pipeline of round % 2 === 0 ? pipelines : pipelines.toReversed()) {
        const execArgv = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
        const command = { program: 'programs/spans.mjs', execArgv, env: { ...env, PIPELINE: pipeline } };
        samples.get(pipeline)?.push(await measure<Sample>(command));
      }
    }
  } finally {
    await sink.stop();
  }
  const of = (pipeline: string, pick: (sample: Sample) => number): number =>
    lowerQuartile((samples.get(pipeline) ?? []).map(pick));
  const added = (pipeline: string, pick: (sample: Sample) => number): number => of(pipeline, pick) - of(BASE, pick);
  const ratio = (pipeline: string, shape: number): number =>
    added(pipeline, microsOf(shape)) / added('upstream', microsOf(shape));
  const compared = pipelines.filter((pipeline) => pipeline !== BASE);
  return {
    bench: 'delivery',
    figures: SHAPES.flatMap((shape) =>
      compared.map((pipeline) => ({
        name: `${pipeline}, ${shape} attributes`,
        values: {
          'added µs/span': added(pipeline, microsOf(shape)),
          '/ upstream': ratio(pipeline, shape),
          'added bytes/span': added(pipeline, bytesOf(shape)),
          'block ms, 512 spans': shape === TYPICAL ? of(pipeline, block) : Number.NaN,
        },
      })),
    ),
    clauses: samples.has('duotel')
      ? [
          {
            clause: 'per ended span through encoding and hand-over, duotel / upstream',
            limit: 0.35,
            measured: ratio('duotel', TYPICAL),
            unit: '×',
          },
          { clause: 'longest loop block while 512 spans leave', limit: 2, measured: of('duotel', block), unit: ' ms' },
        ]
      : [],
  };
}

const microsOf =
  (shape: number) =>
  ({ shapes }: Sample): number =>
    shapes[shape]?.microsPerSpan ?? Number.NaN;
const bytesOf =
  (shape: number) =>
  ({ shapes }: Sample): number =>
    median(shapes[shape]?.bytesPerSpan ?? []);
const block = ({ blockMillis }: Sample): number => median(blockMillis);
