/**
 * Starts and stops the real programs and example applications that end-to-end tests use.
 *
 * Each is a process of the test that asked for it: own ports, own temporary folder, killed by its id when the test
 * ends, however it ends. Nothing waits longer than its deadline, and a failed wait shows what the program printed.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { PROGRAMS, type ProgramName } from '../../tools/backends/programs.ts';

/** Whoever owns what is started: a test. */
export interface Owner {
  after(cleanUp: () => Promise<void>): void;
}

/** Owns what the tests of a suite share: cleaned up after the last of them, what was made last first. */
export function suiteOwner(): Owner {
  const cleanUps: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });
  return { after: (cleanUp) => void cleanUps.push(cleanUp) };
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours. */
export interface Running {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when the process is gone and its output is complete. */
  readonly ended: Promise<Ended>;
  /** Whether it is gone. */
  readonly isOver: () => boolean;
  /** Asks it to end, then insists. Resolves when it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>;
}

export interface LaunchOptions {
  readonly cwd?: string;
  /** The whole environment of the process. Default: `cleanEnvironment()`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Longest wait for a program to become ready or for data to arrive, in milliseconds; generous for loaded machines. */
export const PATIENCE_MILLIS = 30_000;

/** Time between SIGTERM and SIGKILL, in milliseconds. */
const GRACE_MILLIS = 5_000;

/** Settings of other tools that must not leak into a process under test. */
const FOREIGN = /^(OTEL|DUOTEL|SENTRY|GRAFANA|PROMETHEUS|NODE_OPTIONS|NODE_TEST|NODE_V8_COVERAGE|NODE_ENV|FORCE_COLOR)/;

/** This process's environment without anything that configures telemetry or Node.js, plus `extra`. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

const cleanUps = new WeakMap<Owner, (() => Promise<void>)[]>();

/** Cleans up when `owner` is done, the latest first: a program is gone before its folder is. */
function atEnd(owner: Owner, cleanUp: () => Promise<void>): void {
  const known = cleanUps.get(owner);
  if (known !== undefined) {
    known.push(cleanUp);
    return;
  }
  const all = [cleanUp];
  cleanUps.set(owner, all);
  owner.after(async () => {
    for (const one of all.toReversed()) await one();
  });
}

/** Starts a process that is gone when `owner` is done. */
export function launch(owner: Owner, command: string, args: readonly string[], options: LaunchOptions = {}): Running {
  const { cwd, env = cleanEnvironment() } = options;
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const running = observe(child, command);
  atEnd(owner, async () => void (await running.stop()));
  return running;
}

function observe(child: ChildProcess, command: string): Running {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.once('error', (cause) => (stderr += `${command}: ${cause.message}\n`));
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal });
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> => {
    if (over) return ended;
    child.kill(signal);
    const insist = setTimeout(() => child.kill('SIGKILL'), GRACE_MILLIS);
    return ended.finally(() => clearTimeout(insist));
  };
  return { pid: child.pid ?? 0, stdout: () => stdout, stderr: () => stderr, ended, isOver: () => over, stop };
}

/**
 * Asks `check` again and again until it gives something.
 *
 * @param what - what is awaited, for the error message
 * @param check - gives `undefined`, `false` or a rejection while it is not there yet
 * @param running - process whose end ends the wait and whose output explains the failure
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  running?: Running,
): Promise<T> {
  const end = Date.now() + PATIENCE_MILLIS;
  let reason = '';
  while (Date.now() < end && running?.isOver() !== true) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
    } catch (cause) {
      reason = ` (${String(cause)})`;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const output = running === undefined ? '' : `\n${lastLines(running.stdout() + running.stderr())}`;
  const fate = running?.isOver() === true ? 'the process ended' : `not within ${PATIENCE_MILLIS} ms`;
  throw new Error(`waited for ${what}: ${fate}${reason}${output}`);
}

/** Waits until both are deeply equal; then, or when it takes too long, asserts it. */
export async function waitUntilEqual<T>(actual: () => Promise<T>, expected: () => Promise<T>): Promise<void> {
  await waitFor('equality', async () => isDeepStrictEqual(await actual(), await expected())).catch(() => undefined);
  assert.deepStrictEqual(await actual(), await expected());
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-20).join('\n');
}

/** GET with a time limit. Rejects unless the answer is 2xx. */
export async function getText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

/** Resolves once `url` answers 2xx. */
export async function waitUntilReady(url: string, running: Running): Promise<void> {
  await waitFor(url, async () => (await getText(url)) !== undefined, running);
}

/**
 * A port on 127.0.0.1 that is free, for a program that has to be told one.
 *
 * Taken below the range from which kernels choose ports themselves: one of those may be given to somebody's outgoing
 * connection before the program listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A temporary folder that is gone when `owner` is done. */
export async function temporaryFolder(owner: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'duotel-e2e-'));
  atEnd(owner, () => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/**
 * Why a program's tests have to be skipped, or `false`; the value of node:test's `skip`.
 *
 * With the variable `CI` set nothing required is ever skipped: the test then fails for want of the program.
 */
export function skipWithout(...names: readonly ProgramName[]): string | false {
  const missing = names.filter((name) => !existsSync(PROGRAMS[name].dir));
  const excused = missing.filter((name) => !PROGRAMS[name].required || !process.env['CI']);
  if (excused.length === 0) return false;
  return `${excused.join(', ')} missing: node tools/node.mjs tools/backends/fetch.ts ${excused.join(' ')}`;
}

/** Path of a file inside a program's folder. */
export function programFile(name: ProgramName, ...path: readonly string[]): string {
  return join(PROGRAMS[name].dir, ...path);
}
