/**
 * Delay and utilization of the event loop.
 *
 * Layer: instrument. Source: Node.js `perf_hooks`; semantic conventions, "Node.js runtime metrics".
 */
import type { EventLoopUtilization, IntervalHistogram } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import { EVENT_LOOP } from './catalogue.ts';
import { observe, type Observation, type Say } from './observe.ts';

/** Period of the timer whose lateness is measured; Node.js itself takes it off no value. */
const RESOLUTION_MILLIS = 20;
/** The longest usual time between two collections: the default interval of pushes. */
const WINDOW_MILLIS = 60_000;
const NANOS_PER_SECOND = 1e9;
const ACTIVE = { 'nodejs.eventloop.state': 'active' };
const IDLE = { 'nodejs.eventloop.state': 'idle' };

/** Watches the event loop of this thread. Its timer does not keep the process alive. */
export function observeEventLoop(meter: Meter): Observation {
  const delay = new RecentDelay();
  const observation = observe(meter, EVENT_LOOP, (say) => {
    const { active, idle } = performance.eventLoopUtilization();
    say('time', active / 1_000, ACTIVE);
    say('time', idle / 1_000, IDLE);
    const recent = delay.read();
    say('utilization', performance.eventLoopUtilization(recent.since).utilization);
    sayDelay(recent.histogram, say);
  });
  return {
    stop() {
      observation.stop();
      delay.stop();
    },
  };
}

function sayDelay(histogram: IntervalHistogram, say: Say<keyof typeof EVENT_LOOP>): void {
  if (histogram.count === 0) return;
  const seconds = (nanos: number): number => Math.max(0, nanos / NANOS_PER_SECOND - RESOLUTION_MILLIS / 1_000);
  say('min', seconds(histogram.min));
  say('max', seconds(histogram.max));
  say('mean', seconds(histogram.mean));
  say('stddev', histogram.stddev / NANOS_PER_SECOND);
  say('p50', seconds(histogram.percentile(50)));
  say('p90', seconds(histogram.percentile(90)));
  say('p99', seconds(histogram.percentile(99)));
}

/** What happened since a moment. */
interface Window {
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
class RecentDelay {
  readonly #windows: [Window, Window] = [createWindow(), createWindow()];

  read(): Window {
    const [older, younger] = this.#windows;
    if (performance.now() - younger.sinceMillis < WINDOW_MILLIS) return older;
    restart(older);
    this.#windows.reverse();
    return younger;
  }

  stop(): void {
    for (const { histogram } of this.#windows) histogram.disable();
  }
}

function createWindow(): Window {
  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  histogram.enable();
  return { histogram, since: performance.eventLoopUtilization(), sinceMillis: performance.now() };
}

function restart(window: Window): void {
  window.histogram.reset();
  window.since = performance.eventLoopUtilization();
  window.sinceMillis = performance.now();
}
