/**
 * What the lazily loaded parts cost when they are first needed: one span flushed to a local sink, compared with the next.
 */
import { isDuotelBuilt } from './support/peers.ts';
import { measure, type Command } from './support/processes.ts';
import type { BenchOptions } from './support/options.ts';
import { startSink } from './support/sink.ts';
import { digits, lowerQuartile } from './support/statistics.ts';

interface Export {
  readonly millis: number;
  /** Milliseconds the event loop was busy. */
  readonly busy: number;
}

interface FirstExport {
  readonly first: Export;
  readonly second: Export;
  /** Built-in modules loaded by the first export. */
  readonly loadedByFirst: number;
}

const PROGRAM = 'programs/first-export.mjs';
const ROUNDS = 7;

/** One line per set-up. */
export async function measureFirstExports({ peers }: BenchOptions): Promise<string[]> {
  const sink = startSink();
  try {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await sink.open('first export')}` };
    const lines: string[] = [];
    if (isDuotelBuilt()) {
      const env = { ...endpoint, FLUSH: 'duotel' };
      lines.push(await compare('duotel', { program: PROGRAM, execArgv: ['--import', 'duotel/register'], env }));
    }
    if (peers.has('stock')) {
      lines.push(
        await compare('stock', { program: PROGRAM, execArgv: ['--import', './peers/stock.mjs'], env: endpoint }),
      );
    }
    return lines;
  } finally {
    await sink.stop();
  }
}

async function compare(name: string, command: Command): Promise<string> {
  const runs: FirstExport[] = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await measure<FirstExport>(command));
  const low = (read: (run: FirstExport) => number): string => digits(lowerQuartile(runs.map(read)));
  return (
    `first export, ${name}: ${low(({ first }) => first.millis)} ms (loop busy ${low(({ first }) => first.busy)}), ` +
    `the next ${low(({ second }) => second.millis)} ms (busy ${low(({ second }) => second.busy)}); ` +
    `${runs[0]?.loadedByFirst ?? 0} built-in modules loaded by the first`
  );
}
