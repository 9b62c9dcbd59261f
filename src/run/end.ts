/**
 * Ends the process after telemetry has left it.
 *
 * Layer: run.
 */
import { currentRun } from './current-run.ts';

/**
 * `process.exit()` that sends first, metric totals too, within the budget of `shutdown()`.
 *
 * Use it in place of `process.exit()` in programs that end themselves. Never resolves, never rejects.
 *
 * @param code - exit code; default `process.exitCode`, else 0
 */
export async function exit(code?: number): Promise<never> {
  await currentRun()?.shutdown();
  process.exit(code);
}
