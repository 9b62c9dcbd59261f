/** The strict OpenMetrics parser of the Python client, as an oracle. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { programFile } from './backends.ts';

/** What the parser understood of one page. */
export interface OpenMetricsAnswer {
  /** Empty when it is content. */
  readonly error: string;
  readonly families: Readonly<
    Record<string, { readonly type: string; readonly unit: string; readonly samples: number }>
  >;
}

/** Parses pages, all in one process because starting it takes longer than most tests. */
export function parseOpenMetrics(pages: readonly string[]): OpenMetricsAnswer[] {
  const { status, stdout, stderr, error } = spawnSync(
    programFile('python', 'bin', 'python'),
    [join(import.meta.dirname, 'openmetrics-check.py')],
    { input: JSON.stringify(pages), encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the parser ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as OpenMetricsAnswer[];
}
