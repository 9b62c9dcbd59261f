/** A measured server process, pinned to its own core, that tells the CPU it spent between two moments. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { BENCH } from './peers.ts';
import { pin } from './pin.ts';
import { answerFrom, cleanEnvironment, stop, track } from './processes.ts';

export interface Window {
  readonly cpuMicros: number;
  /** Longest time the event loop did nothing else; only where the program measures it. */
  readonly longestBlockMillis?: number;
  /** Time the event loop was busy, finer than the kernel's CPU clock; only where the program measures it. */
  readonly busyMillis?: number;
  readonly rss: number;
}

export interface ServerProcess {
  readonly port: number;
  /** Makes the scraped program record every series once. */
  fill(): Promise<void>;
  /** Starts a window. */
  mark(): Promise<void>;
  /** Ends the window. */
  report(): Promise<Window>;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly program: string;
  readonly core: number;
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server and resolves when it listens. */
export async function startServer({ program, core, execArgv = [], env }: ServerCommand): Promise<ServerProcess> {
  const child = track(
    fork(join(BENCH, program), {
      cwd: BENCH,
      execArgv: [...execArgv],
      env: cleanEnvironment(env),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  if (child.pid !== undefined) pin(child.pid, core);
  const { port } = await answerFrom<{ port?: number }>(child, (message) => message.port !== undefined);
  return {
    port: port ?? 0,
    fill: () => order(child, 'fill', 'filled'),
    mark: () => order(child, 'mark', 'marked'),
    report: () => report(child),
    stop: () => stop(child),
  };
}

/** Sends an order and waits for its confirmation. */
async function order(child: ChildProcess, word: string, confirmation: string): Promise<void> {
  child.send(word);
  await answerFrom<Record<string, unknown>>(child, (message) => message[confirmation] === true);
}

async function report(child: ChildProcess): Promise<Window> {
  child.send('report');
  const answer = await answerFrom<{ report: Window }>(child, (message) => message.report !== undefined);
  return answer.report;
}
