/**
 * Metrics of one run that are made when somebody first makes an instrument or looks.
 *
 * Store and SDK are a third of the code of a start; a program that ends at once, or only traces, never loads them.
 * Layer: metrics.
 */
import { createRequire } from 'node:module';
import { createNoopMeter } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { guard } from '../core/guard.ts';
import { once } from '../core/once.ts';
import type { Metrics, MetricsInput } from './provider.ts';
import type * as providerModule from './provider.ts';

const load = createRequire(import.meta.url);

/** How long a program runs before snapshots are sent that nobody asked for. */
const SETTLED_MILLIS = 100;

/** As for `createMetrics()`. */
export interface DeferredInput extends Omit<MetricsInput, 'resource'> {
  readonly resource: () => Resource;
}

/** Metrics as `createMetrics()` makes them, later: at once only for parts of the user's, which are told of the end. */
export function deferMetrics(input: DeferredInput): Metrics {
  let isStopped = false;
  let isClosed = false;
  const metrics = once(() => {
    clearTimeout(timer);
    const made = (load('./provider.ts') as typeof providerModule).createMetrics({
      ...input,
      resource: input.resource(),
    });
    if (isStopped) made.stopIntervals();
    if (isClosed) void made.close();
    return made;
  });
  const make = (): unknown => guard('metrics.load', () => metrics.get(), undefined);
  const timer = input.push === undefined ? undefined : setTimeout(make, SETTLED_MILLIS).unref();
  if (hasParts(input)) metrics.get();
  return {
    provider: {
      getMeter: (...scope) => guard('metrics.load', () => metrics.get().provider.getMeter(...scope), createNoopMeter()),
    },
    isUsed: () => metrics.made?.isUsed() === true,
    hasNews: () => metrics.made?.hasNews() === true,
    snapshot: async () => metrics.get().snapshot(),
    snapshotNow: () => metrics.get().snapshotNow(),
    flush: async () => metrics.made?.flush(),
    stopIntervals() {
      isStopped = true;
      clearTimeout(timer);
      metrics.made?.stopIntervals();
    },
    async close() {
      isClosed = true;
      this.stopIntervals();
      await metrics.made?.close();
    },
  };
}

/** Readers and registries may be asked before there is an instrument, and what cannot be used is told at the start. */
function hasParts({ readers, producers, registries, views }: DeferredInput): boolean {
  return [readers, producers, registries, views].some((parts) => parts != null && parts.length !== 0);
}
