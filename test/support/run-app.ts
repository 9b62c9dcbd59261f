/**
 * Runs a small program as a process of its own, as a user would, and collects what it said.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../tools/node-versions.mjs';

/** The preload of this checkout. */
export const PRELOAD: readonly string[] = ['--import', join(ROOT, 'telemetry')];

export interface AppOptions {
  /** Source of the program. */
  readonly code: string;
  /** Default: `mjs`. */
  readonly type?: 'mjs' | 'cjs';
  /** Arguments of node before the program. Default: the preload. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  /** Beside PATH, HOME and DUOTEL_RUNTIME_METRICS=off; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Node.js binary. Default: the running one. */
  readonly node?: string;
  /** Default: 20 000. */
  readonly timeoutMillis?: number;
  /** Folders and packages of the project's node_modules to install. Default: those of OpenTelemetry. */
  readonly packages?: readonly string[];
  /** Folder to run in; a new one with the project's node_modules when left out. */
  readonly folder?: string;
}

export interface AppResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly millis: number;
}

/** A running program. */
export interface RunningApp {
  readonly child: ChildProcess;
  /** Settles when the process has ended; it is killed when its time is over. */
  readonly ended: Promise<AppResult>;
  /** Waits for a line that matches, on stdout unless said otherwise. */
  line(pattern: RegExp, stream?: 'stdout' | 'stderr'): Promise<RegExpMatchArray>;
}

/** A folder in which `duotel` and packages of this checkout resolve. */
export function createAppFolder(packages: readonly string[] = ['@opentelemetry', 'api-1-9']): {
  readonly path: string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'duotel-app-'));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(ROOT, join(path, 'node_modules/duotel'));
  for (const name of packages) symlinkSync(join(ROOT, 'node_modules', name), join(path, 'node_modules', name));
  const manifest = { name: 'app', version: '1.2.3', dependencies: { duotel: '*', '@opentelemetry/api': '*' } };
  writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a program and does not wait for its end. */
export function startApp(options: AppOptions): RunningApp {
  const folder = options.folder === undefined ? createAppFolder(options.packages) : undefined;
  const path = options.folder ?? (folder as { path: string }).path;
  const file = join(path, `app.${options.type ?? 'mjs'}`);
  writeFileSync(file, options.code);
  const startedAt = performance.now();
  const child = spawn(
    options.node ?? process.execPath,
    [...(options.nodeArgs ?? PRELOAD), file, ...(options.args ?? [])],
    {
      cwd: path,
      // Tests count what programs record; what is observed of their runtime would be counted with it.
      env: { PATH: process.env['PATH'], HOME: path, DUOTEL_RUNTIME_METRICS: 'off', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const wake of waiting) wake();
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMillis ?? 20_000);
  const ended = new Promise<AppResult>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      folder?.remove();
      resolve({ code, signal, ...output, millis: performance.now() - startedAt });
      for (const wake of waiting) wake();
    });
  });
  const line = (pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output[stream]);
        const over = child.exitCode !== null || child.signalCode !== null;
        if (match === null && !over) return;
        waiting.delete(look);
        if (match === null) reject(new Error(`The program ended before it printed ${pattern}: ${output.stderr}`));
        else resolve(match);
      };
      waiting.add(look);
      look();
    });
  return { child, ended, line };
}

/** Runs a program to its end. */
export function runApp(options: AppOptions): Promise<AppResult> {
  return startApp(options).ended;
}
