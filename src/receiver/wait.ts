/**
 * Waiting for a condition on what was received: looks again at each arrival, not on a clock.
 *
 * Layer: receiver.
 */

export interface Waits {
  /**
   * Resolves with the first truthy result of `look`.
   *
   * Rejects when `timeoutMillis` pass before (with `describe()` in the message), when `look` throws, and on `close()`.
   */
  until<T>(look: () => T, timeoutMillis: number, describe: () => string): Promise<T>;
  /** Something changed: look again. */
  readonly wake: () => void;
  /** Rejects everything that still waits. */
  readonly close: () => void;
}

export function createWaits(): Waits {
  const waiting = new Set<{ look: () => void; reject: (error: Error) => void }>();
  return {
    until: <T>(look: () => T, timeoutMillis: number, describe: () => string) =>
      new Promise<T>((resolve, reject) => {
        const timer = setTimeout(
          () => settle(() => reject(new Error(`not received within ${timeoutMillis} ms: ${describe()}`))),
          timeoutMillis,
        );
        const settle = (report: () => void): void => {
          clearTimeout(timer);
          waiting.delete(entry);
          report();
        };
        const entry = {
          look: () => {
            try {
              const result = look();
              if (result) settle(() => resolve(result));
            } catch (error) {
              settle(() => reject(error));
            }
          },
          reject: (error: Error) => settle(() => reject(error)),
        };
        waiting.add(entry);
        entry.look();
      }),
    wake: () => {
      for (const entry of waiting) entry.look();
    },
    close: () => {
      for (const entry of waiting) entry.reject(new Error('the receiver was closed'));
    },
  };
}
