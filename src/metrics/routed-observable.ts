/**
 * Observable instruments that live in several places, and batch callbacks across them.
 *
 * Layer: metrics. Made by `routed-meter.ts`.
 */
import {
  type BatchObservableCallback,
  diag,
  type Meter,
  type MetricAttributes,
  type Observable,
  type ObservableCallback,
} from '@opentelemetry/api';

/** Where batch callbacks are registered: the store, or a meter of the SDK. */
export type BatchPlace = Pick<Meter, 'addBatchObservableCallback' | 'removeBatchObservableCallback'>;

/** One observable instrument for the application, whatever it is made of. */
export class RoutedObservable implements Observable {
  readonly parts: ReadonlyMap<BatchPlace, Observable>;

  constructor(parts: ReadonlyMap<BatchPlace, Observable>) {
    this.parts = parts;
  }

  addCallback(callback: ObservableCallback): void {
    for (const part of this.parts.values()) part.addCallback(callback);
  }

  removeCallback(callback: ObservableCallback): void {
    for (const part of this.parts.values()) part.removeCallback(callback);
  }
}

/** What a batch is made of, by place; nothing it does not know is in it. */
export function byPlace(observables: readonly Observable[]): Map<BatchPlace, Observable[]> {
  const places = new Map<BatchPlace, Observable[]>();
  for (const observable of observables) {
    if (!(observable instanceof RoutedObservable)) continue;
    for (const [place, part] of observable.parts) places.set(place, [...(places.get(place) ?? []), part]);
  }
  if (places.size === 0) diag.error('BatchObservableCallback is not associated with valid instruments');
  return places;
}

/** One relay for each callback and place, because callbacks are told apart by identity. */
const relays = new WeakMap<BatchObservableCallback, WeakMap<BatchPlace, BatchObservableCallback>>();

/** Where a batch has instruments in several places, its callback is called once for each of them. */
export function relayBatch(callback: BatchObservableCallback, place: BatchPlace): BatchObservableCallback {
  let known = relays.get(callback);
  if (known === undefined) relays.set(callback, (known = new WeakMap()));
  let made = known.get(place);
  if (made === undefined) {
    made = (result) =>
      callback({
        observe(observable: Observable, value: number, attributes?: MetricAttributes) {
          const part = observable instanceof RoutedObservable ? observable.parts.get(place) : undefined;
          if (part !== undefined) result.observe(part, value, attributes);
        },
      });
    known.set(place, made);
  }
  return made;
}
