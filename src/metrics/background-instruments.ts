/**
 * Instruments this package makes unasked, as those of the runtime: made when somebody looks, or soon if snapshots are sent.
 *
 * A program that ends at once, or that nobody scrapes, never pays for them, and no end of a program makes them.
 * Layer: metrics.
 */
import type { MeterProvider } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';

/** Makes instruments; what it returns leaves them alone again. */
export type MakeBackground = (provider: MeterProvider) => { stop(): void };

/** How long a program runs before it is worth observing. */
const SETTLED_MILLIS = 100;

export interface BackgroundInstruments {
  /** Makes the instruments, unless they are there or {@link stop} was called. Never throws. */
  ensure(): void;
  stop(): void;
}

/** @param isPushed - snapshots are sent without anybody asking, and what they tell of must have been observed before */
export function createBackgroundInstruments(
  make: MakeBackground | undefined,
  provider: () => MeterProvider,
  isPushed: boolean,
): BackgroundInstruments {
  let made: { stop(): void } | undefined;
  let isOpen = make !== undefined;
  const ensure = (): void => {
    if (!isOpen) return;
    isOpen = false;
    made = guard('metrics.background', () => make?.(provider()), undefined);
  };
  const timer = isOpen && isPushed ? setTimeout(ensure, SETTLED_MILLIS).unref() : undefined;
  return {
    ensure,
    stop() {
      clearTimeout(timer);
      isOpen = false;
      guard('metrics.background', () => made?.stop(), undefined);
    },
  };
}
