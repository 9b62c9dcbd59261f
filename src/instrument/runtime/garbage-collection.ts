/**
 * Duration of garbage collections by kind.
 *
 * Layer: instrument. Source: Node.js `perf_hooks`; semantic conventions, "V8 JS engine runtime metrics".
 */
import type { PerformanceEntry } from 'node:perf_hooks';
import { type Attributes, type Meter, ROOT_CONTEXT, ValueType } from '@opentelemetry/api';
import { guard } from '../../core/guard.ts';
import { GARBAGE_COLLECTION } from './catalogue.ts';
import type { Observation } from './observe.ts';

/** Bounds in seconds. Source: semantic conventions, advice on `v8js.gc.duration`. */
const BOUNDS = [0.01, 0.1, 1, 10];

/** What Node.js tells of a collection; its declarations leave `detail` open. */
interface GcEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

/** Watches the garbage collector of this thread. Does not keep the process alive. */
export function observeGarbageCollection(meter: Meter): Observation {
  const { constants, PerformanceObserver } = process.getBuiltinModule('node:perf_hooks');
  const { name, unit, description } = GARBAGE_COLLECTION.duration;
  const advice = { explicitBucketBoundaries: BOUNDS };
  const duration = meter.createHistogram(name, { unit, description, advice, valueType: ValueType.DOUBLE });
  const types = new Map<number | undefined, Attributes>([
    [constants.NODE_PERFORMANCE_GC_MAJOR, { 'v8js.gc.type': 'major' }],
    [constants.NODE_PERFORMANCE_GC_MINOR, { 'v8js.gc.type': 'minor' }],
    [constants.NODE_PERFORMANCE_GC_INCREMENTAL, { 'v8js.gc.type': 'incremental' }],
    [constants.NODE_PERFORMANCE_GC_WEAKCB, { 'v8js.gc.type': 'weakcb' }],
  ]);
  const record = ({ duration: millis, detail }: GcEntry): void =>
    // It happened in nobody's request, whatever context this is called in.
    duration.record(millis / 1_000, types.get(detail?.kind) ?? { 'v8js.gc.type': 'other' }, ROOT_CONTEXT);
  const observer = new PerformanceObserver((list) =>
    guard('metrics.gc', () => list.getEntries().forEach(record), undefined),
  );
  observer.observe({ entryTypes: ['gc'] });
  return { stop: () => observer.disconnect() };
}
