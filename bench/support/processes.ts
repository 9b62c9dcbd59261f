/**
 * Child processes of a bench: a clean environment, one marked line of output, and a certain end.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BENCH } from './peers.ts';

const MARK = 'bench:';
const DEADLINE_MILLIS = 30_000;

const alive = new Set<ChildProcess>();
process.on('exit', () => killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });
}

export interface Command {
  /** Program under `bench/`. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Remembers a child so that it is killed, by its id, whatever happens to the bench. */
export function track<Child extends ChildProcess>(child: Child): Child {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** Kills a child and waits until it is gone. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** This process's environment without anything that configures telemetry or changes how Node starts. */
export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|DUOTEL_|SENTRY_|DD_|NODE_OPTIONS$|NODE_COMPILE_CACHE$|NODE_ENV$|npm_)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...added };
}

/**
 * Runs a program until it has reported its measurement, then kills it.
 *
 * @throws if it ends or the deadline passes without a report; the message carries its stderr
 */
export async function measure<Measurement>({ program, args = [], execArgv = [], env }: Command): Promise<Measurement> {
  const child = track(
    spawn(process.execPath, [...execArgv, program, ...args], {
      cwd: BENCH,
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MILLIS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith(MARK)) return JSON.parse(line.slice(MARK.length)) as Measurement;
    }
    throw new Error(`${program} ended without a report: ${stderr.slice(0, 2000)}`);
  } finally {
    clearTimeout(timer);
    await stop(child);
  }
}

/** The first message over a child's IPC channel that `isAnswer`; rejects if the child ends first. */
export function answerFrom<Message>(child: ChildProcess, isAnswer: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      if (!isAnswer(message as Message)) return;
      settle();
      resolve(message as Message);
    };
    const onExit = (): void => {
      settle();
      reject(new Error(`${child.spawnargs.join(' ')} ended`));
    };
    const settle = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}

function killAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}
