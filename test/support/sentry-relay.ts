/** Sentry's relay, the part that reads events, as an oracle: what it repairs or drops we should not have sent. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { programFile } from './backends.ts';

/** What the relay found wrong with one event. */
export interface RelayFinding {
  /** Empty when it is content. */
  readonly errors: readonly unknown[];
  /** Remarks about values it changed; `null` when it changed none. */
  readonly meta: unknown;
}

/** Checks payloads of items of the types `event` and `transaction`, all in one process. */
export function checkWithRelay(events: readonly unknown[]): RelayFinding[] {
  const { status, stdout, stderr, error } = spawnSync(
    programFile('python', 'bin', 'python'),
    [join(import.meta.dirname, 'sentry-relay-check.py')],
    { input: JSON.stringify(events), encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the relay ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as RelayFinding[];
}
