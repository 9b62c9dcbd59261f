/**
 * What a process does with its life decides how long its last flush may take.
 *
 * Layer: run.
 */

/** Budget of a drain: 5 s in a process with a listening server, else 1 s, unless configured. */
export function drainBudgetMillis(configured: number | undefined): number {
  return configured ?? (isListening() ? 5000 : 1000);
}

/** Whether something listens and holds the event loop; our own endpoint does not. */
function isListening(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.endsWith('ServerWrap'));
}
