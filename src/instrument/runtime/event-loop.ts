/**
 * Delay and utilization of the event loop.
 *
 * Layer: instrument. Source: Node.js `perf_hooks`; semantic conventions, "Node.js runtime metrics".
 */
import type { IntervalHistogram } from 'node:perf_hooks';
import type { Meter } from '@opentelemetry/api';
import { EVENT_LOOP } from './catalogue.ts';
import { observe, type Observation, type Say } from './observe.ts';
import { RecentDelay, RESOLUTION_MILLIS } from './recent-delay.ts';

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
  // Node.js gives the time between two calls of its timer, period included: 20 ms where nothing was late.
  const seconds = (nanos: number): number => Math.max(0, nanos / NANOS_PER_SECOND - RESOLUTION_MILLIS / 1_000);
  say('min', seconds(histogram.min));
  say('max', seconds(histogram.max));
  say('mean', seconds(histogram.mean));
  say('stddev', histogram.stddev / NANOS_PER_SECOND);
  say('p50', seconds(histogram.percentile(50)));
  say('p90', seconds(histogram.percentile(90)));
  say('p99', seconds(histogram.percentile(99)));
}
