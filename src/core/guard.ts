/**
 * Doors that cannot throw outwards.
 *
 * Wraps telemetry work only, never the user's: a user's error belongs to the user.
 * Layer: core. Every degradation reported here shows up in `status().degraded`.
 */

/** Times telemetry gave up on something, by site: `span.start`, `metrics.push`, … */
const degraded = new Map<string, { count: number; lastError: string }>();

/** Records that the telemetry call at `site` failed. */
export function degrade(site: string, cause: unknown): void {
  const lastError = describeCause(cause);
  const entry = degraded.get(site);
  if (entry === undefined) degraded.set(site, { count: 1, lastError });
  else {
    entry.count += 1;
    entry.lastError = lastError;
  }
}

/** Runs telemetry work; a failure is counted under `site` and answered with `fallback`. */
export function guard<T>(site: string, work: () => T, fallback: T): T {
  try {
    return work();
  } catch (cause) {
    degrade(site, cause);
    return fallback;
  }
}

/** Asynchronous form of {@link guard}; the returned promise never rejects. */
export async function guardAsync<T>(site: string, work: () => Promise<T>, fallback: T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    degrade(site, cause);
    return fallback;
  }
}

/** Failures guarded so far, by site. */
export function degradations(): Record<string, { readonly count: number; readonly lastError: string }> {
  return Object.fromEntries([...degraded].map(([site, entry]) => [site, { ...entry }]));
}

/** One line for a thrown value of any kind; never throws itself, also for hostile values. */
export function describeCause(cause: unknown): string {
  try {
    if (cause instanceof Error) {
      const code = (cause as NodeJS.ErrnoException).code;
      return typeof code === 'string' && !cause.message.includes(code)
        ? `${code}: ${cause.message}`
        : cause.message || cause.name;
    }
    return String(cause);
  } catch {
    return 'unprintable value';
  }
}
