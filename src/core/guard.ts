/**
 * Doors that cannot throw outwards.
 *
 * Wraps telemetry work only, never the user's: a user's error belongs to the user.
 * Layer: core. Every degradation reported here shows up in `status().degraded`.
 */

/** Times telemetry gave up on something, by site: `span.start`, `metrics.push`, … */
const degraded = new Map<string, { count: number; lastError: string }>();

/** Characters of an error that are kept; hostile values come in megabytes. */
const MAX_ERROR_LENGTH = 500;

/** Records that the telemetry call at `site` failed. */
export function degrade(site: string, cause: unknown): void {
  const lastError = describeCause(cause).slice(0, MAX_ERROR_LENGTH);
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
      // Texts by type, but JavaScript lets anything through.
      const { code, message, name } = cause as { readonly code?: unknown; readonly message: unknown; name: unknown };
      const text = String(message || name);
      return typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text;
    }
    return String(cause);
  } catch {
    return 'unprintable value';
  }
}
