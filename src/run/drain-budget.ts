/**
 * What a process does with its life decides how long its last flush may take.
 *
 * Layer: run.
 */

import type { Config } from '../config/config.ts';
import type { ExitBudgets } from './exit.ts';

/** Budget of a drain: 5 s in a process with a listening server, else 1 s, unless configured. */
export function drainBudgetMillis(configured: number | undefined): number {
  return configured ?? (isListening() ? 5000 : 1000);
}

/** Whether something listens and holds the event loop; our own endpoint does not. */
function isListening(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.endsWith('ServerWrap'));
}

/** Budget of `process.exit()` and crashes, which the whole thread waits for. DESIGN D7. */
const EXIT_MILLIS = 400;

/** Budgets of the ends of a process. */
export function exitBudgets({ shutdownTimeoutMillis }: Pick<Config, 'shutdownTimeoutMillis'>): ExitBudgets {
  return {
    exitMillis: shutdownTimeoutMillis ?? EXIT_MILLIS,
    signalMillis: () => drainBudgetMillis(shutdownTimeoutMillis),
  };
}
