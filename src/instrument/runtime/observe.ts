/**
 * Makes the instruments of a part of the catalogue and calls back when metrics are collected.
 *
 * Layer: instrument.
 */
import { type Attributes, type Meter, type Observable, ValueType } from '@opentelemetry/api';
import type { Catalogue, RuntimeMetric } from './catalogue.ts';

/** Says one value. The same attribute object for the same series, made once, spares every collection the copying. */
export type Say<Name extends string> = (name: Name, value: number, attributes?: Attributes) => void;

/** Something that is being watched. */
export interface Observation {
  stop(): void;
}

/**
 * Calls `look` once per collection, synchronously.
 *
 * @param catalogue - no histograms: those are recorded, not observed
 */
export function observe<Name extends string>(
  meter: Meter,
  catalogue: Catalogue<Name>,
  look: (say: Say<Name>) => void,
): Observation {
  const entries = Object.entries<RuntimeMetric>(catalogue) as [Name, RuntimeMetric][];
  const instruments = new Map(entries.map(([name, metric]) => [name, createObservable(meter, metric)]));
  const all = [...instruments.values()];
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = (result) =>
    look((name, value, attributes) => result.observe(instruments.get(name) as Observable, value, attributes));
  meter.addBatchObservableCallback(callback, all);
  return { stop: () => meter.removeBatchObservableCallback(callback, all) };
}

function createObservable(meter: Meter, { name, kind, unit, description }: RuntimeMetric): Observable {
  const isWhole = unit !== 's' && unit !== '1' && unit !== '{cpu}';
  const options = { unit, description, valueType: isWhole ? ValueType.INT : ValueType.DOUBLE };
  if (kind === 'counter') return meter.createObservableCounter(name, options);
  if (kind === 'updown') return meter.createObservableUpDownCounter(name, options);
  return meter.createObservableGauge(name, options);
}
