/**
 * Puts processes on cores: the measured server alone on one, load and receivers on another.
 *
 * Linux with `taskset` only; elsewhere everything runs where the system likes, and figures are noisier.
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Pins a running process with all its threads; children inherit. Returns whether it worked. */
export function pin(pid: number, core: number): boolean {
  // Not `availableParallelism()`: that is 1 once this process is pinned itself.
  return process.platform === 'linux' && cpus().length > 1 && setAffinity(pid, String(core));
}

/** Lets this process, and the children it starts from now on, run on every core again. */
export function unpinSelf(): void {
  if (process.platform === 'linux') setAffinity(process.pid, `0-${cpus().length - 1}`);
}

function setAffinity(pid: number, cores: string): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
