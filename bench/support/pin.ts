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
  if (process.platform !== 'linux' || cpus().length < 2) return false;
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
