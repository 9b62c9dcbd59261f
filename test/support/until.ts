/** Waiting in tests: for conditions, never for time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The first value of `probe` that is not `undefined` or `false`. @throws Error after `limitMillis` */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMillis: number = 5_000,
): Promise<T> {
  const end = performance.now() + limitMillis;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMillis} ms`);
    await sleep(5);
  }
}
