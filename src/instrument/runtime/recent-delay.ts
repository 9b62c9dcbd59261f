/**
 * Delay of the event loop over the last minute or two, the same for everybody who reads it.
 *
 * Layer: instrument. Source: Node.js `monitorEventLoopDelay()`.
 */
import type { EventLoopUtilization, IntervalHistogram } from 'node:perf_hooks';
import { type Clock, monotonicMillis } from '../../core/clock.ts';

/** Period of the timer whose lateness is measured. */
export const RESOLUTION_MILLIS = 20;
/** The longest usual time between two collections: the default interval of pushes. */
const WINDOW_MILLIS = 60_000;

/** What happened since a moment. */
export interface Window {
  readonly histogram: IntervalHistogram;
  since: EventLoopUtilization;
  sinceMillis: number;
}

/**
 * The last one to two {@link WINDOW_MILLIS}.
 *
 * A histogram emptied by each reader would hide a stall from the next one: of a scraper and a push, each would see
 * what the other left. So nobody empties what is read: two windows overlap, and the older one is shown until the younger
 * one is long enough.
 */
export class RecentDelay {
  readonly #clock: Clock;
  readonly #windows: [Window, Window];

  constructor(clock: Clock = monotonicMillis) {
    this.#clock = clock;
    this.#windows = [createWindow(clock()), createWindow(clock())];
  }

  /** The window to show now. */
  read(): Readonly<Window> {
    const [older, younger] = this.#windows;
    const now = this.#clock();
    if (now - younger.sinceMillis < WINDOW_MILLIS) return older;
    restart(older, now);
    this.#windows.reverse();
    return younger;
  }

  stop(): void {
    for (const { histogram } of this.#windows) histogram.disable();
  }
}

function createWindow(now: number): Window {
  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  histogram.enable();
  return { histogram, since: performance.eventLoopUtilization(), sinceMillis: now };
}

function restart(window: Window, now: number): void {
  window.histogram.reset();
  window.since = performance.eventLoopUtilization();
  window.sinceMillis = now;
}
