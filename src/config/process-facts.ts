/**
 * What the resource needs to know about the running process, gathered in one place so that everything after it is a
 * pure function of its input.
 *
 * The command line, the executable, the owner and the process id are left out on purpose: the first three are
 * private, and a process id makes a new identity at every start.
 * Layer: config.
 */
import type { Cluster } from 'node:cluster';
import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

export interface ProcessFacts {
  /** Version of Node.js without the leading `v`. */
  readonly nodeVersion: string;
  /** `process.platform`. */
  readonly platform: string;
  /** `process.arch`. */
  readonly arch: string;
  readonly hostName: string;
  /** Absolute path of the main script or its folder, symbolic links resolved; `undefined` in a REPL and for `node -e`. */
  readonly mainScript: string | undefined;
  readonly workingDirectory: string;
  /** 0 outside of a cluster worker. */
  readonly clusterWorkerId: number;
  /** 0 in the main thread. */
  readonly threadId: number;
}

/** Reads the facts of this process. Never throws. */
export function readProcessFacts(): ProcessFacts {
  return {
    nodeVersion: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    hostName: attempt(() => process.getBuiltinModule('node:os').hostname(), ''),
    mainScript: readMainScript(),
    workingDirectory: attempt(() => process.cwd(), ''),
    clusterWorkerId: readClusterWorkerId(),
    threadId: isWorkerThread() ? attempt(() => process.getBuiltinModule('node:worker_threads').threadId, 0) : 0,
  };
}

const EVALUATES = /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/;
const PM2_CONTAINER = /[\\/]pm2[\\/]lib[\\/]ProcessContainer/;

/**
 * Asks without `node:worker_threads`, whose loading costs 2 ms: `process.chdir()` refuses every call in a worker thread,
 * and a call without a path everywhere else, each with its documented code.
 */
function isWorkerThread(): boolean {
  try {
    (process.chdir as (path: unknown) => void)(undefined);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_UNSUPPORTED_OPERATION';
  }
}

function readMainScript(): string | undefined {
  const [, argument] = process.argv;
  // With `node -e` the first argument is data.
  if (argument === undefined || process.execArgv.some((option) => EVALUATES.test(option))) return undefined;
  // PM2 starts every application through a script of its own, and tells which one it is about to load.
  const script = PM2_CONTAINER.test(argument) ? (process.env['pm_exec_path'] ?? argument) : argument;
  // A script without its extension (`node server`) does not exist under that name: as given is then the best there is.
  return isAbsolute(script) ? attempt(() => realpathSync(script), script) : undefined;
}

function readClusterWorkerId(): number {
  // Only a forked process can be a cluster worker; any other is spared the loading of `node:cluster`.
  if (process.send === undefined) return 0;
  // The declared type is that of the ES module; what Node.js returns is the cluster object itself.
  return attempt(() => (process.getBuiltinModule('node:cluster') as unknown as Cluster).worker?.id ?? 0, 0);
}

function attempt<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
