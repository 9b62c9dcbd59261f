/** Time that passes only when a test says so. */
import type { Timer } from '../../../src/delivery/timer.ts';

export interface VirtualTime {
  readonly now: () => number;
  readonly timer: Timer;
  /** Lets time pass, running what is due in order, and lets everything settle in between. */
  advance(millis: number): Promise<void>;
  /** Timers that have not fired. */
  pending(): number;
}

export function createVirtualTime(): VirtualTime {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    timer: (work, delayMillis) => {
      const timer = { at: now + delayMillis, work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: async (millis) => {
      const end = now + millis;
      await settle();
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.work();
        await settle();
      }
      now = end;
    },
    pending: () => timers.size,
  };
}
