/**
 * Where figures go: one line each on stdout, and all of a bench as JSON in `bench/results/` (not in git).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { BENCH } from './peers.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Runnable processes over the last minute when the bench began; above the number of cores, expect noise. */
  readonly load: number;
  readonly commit: string;
}

/** One row of a bench: named numbers, and what to say about them. */
export interface Figure {
  readonly name: string;
  readonly values: Readonly<Record<string, number | string | null>>;
}

/** A budget clause and whether this run met it. */
export interface Clause {
  readonly clause: string;
  readonly limit: number;
  readonly measured: number;
  readonly unit: string;
}

export interface Results {
  readonly bench: string;
  readonly figures: readonly Figure[];
  readonly clauses?: readonly Clause[];
  readonly notes?: readonly string[];
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    commit: currentCommit(),
  };
}

/** Prints the first line of a run: without the machine no figure means anything. */
export function printMachine(machine: Machine): void {
  console.log(
    `machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}, load ${machine.load}, commit ${machine.commit}`,
  );
}

/** Prints the figures in columns and the clauses with their verdicts, and writes the whole as JSON. */
export function publish(results: Results, machine: Machine): void {
  printTable(results.figures);
  for (const note of results.notes ?? []) console.log(note);
  for (const clause of results.clauses ?? []) console.log(verdict(clause));
  const folder = join(BENCH, 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${results.bench}.json`);
  writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), machine, ...results }, null, 2)}\n`);
  console.log(`written: bench/results/${results.bench}.json\n`);
}

function verdict({ clause, limit, measured, unit }: Clause): string {
  if (!Number.isFinite(measured)) return `n/a   ${clause}: not measured`;
  return `${measured <= limit ? 'PASS ' : 'over '} ${clause}: ${measured.toFixed(2)} ${unit} (budget ${limit})`;
}

function printTable(figures: readonly Figure[]): void {
  const columns = [...new Set(figures.flatMap(({ values }) => Object.keys(values)))];
  const rows = [
    ['', ...columns],
    ...figures.map(({ name, values }) => [name, ...columns.map((column) => cell(values[column]))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    console.log(cells.join('  '));
  }
}

function cell(value: number | string | null | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 100 ? 1 : 2);
}

function currentCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: BENCH,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
