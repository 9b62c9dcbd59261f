/**
 * Metrics of runtime, process and container.
 *
 * Layer: instrument. Loaded when somebody first looks at metrics, or soon after the start where they are pushed.
 */
import type { MeterProvider } from '@opentelemetry/api';
import { guard } from '../../core/guard.ts';
import { VERSION } from '../../core/version.ts';
import { readText } from '../../config/read-text.ts';
import { observeContainer } from './container.ts';
import { observeEngine } from './engine.ts';
import { observeEventLoop } from './event-loop.ts';
import { observeGarbageCollection } from './garbage-collection.ts';
import type { Observation } from './observe.ts';
import { observeProcess } from './process.ts';

const SCOPE = 'duotel/runtime';

/**
 * Starts observing. Never throws; what cannot be observed costs its own metrics only.
 *
 * @param isMainThread - worker threads leave what belongs to the whole process to the main thread
 */
export function observeRuntime(provider: MeterProvider, isMainThread: boolean): Observation {
  const meter = provider.getMeter(SCOPE, VERSION);
  const parts = [
    () => observeEventLoop(meter),
    () => observeGarbageCollection(meter),
    () => observeEngine(meter),
    ...(isMainThread ? [() => observeProcess(meter), () => observeContainer(meter, readText)] : []),
  ];
  const nothing: Observation = { stop: () => undefined };
  const observations = parts.map((part) => guard('metrics.runtime', part, nothing));
  return {
    stop() {
      for (const observation of observations) guard('metrics.runtime', () => observation.stop(), undefined);
    },
  };
}
