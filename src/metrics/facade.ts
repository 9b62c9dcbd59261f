/**
 * The meter provider that sits in the API's global slot, in front of the SDK's provider of the moment.
 *
 * The metrics API has no proxies: an instrument made before the provider, or before a second start, would record
 * nothing for ever. Instruments made through this facade always record.
 * Layer: metrics. See `core/binding.ts`.
 */
import {
  type BatchObservableCallback,
  type BatchObservableResult,
  createNoopMeter,
  type Meter,
  type MeterOptions,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
} from '@opentelemetry/api';
import { Binding } from '../core/binding.ts';
import { guard } from '../core/guard.ts';
import { scopeArguments } from '../core/scope.ts';
import type { Adder, Recorder } from './instrument.ts';

/** Makes a meter provider whose instruments follow `binding`. */
export function createMeterFacade(binding: Binding<MeterProvider>): MeterProvider {
  return {
    getMeter(name: string, version?: string, options?: MeterOptions): Meter {
      const scope = scopeArguments<MeterOptions>(name, version, options);
      return new MeterFacade(binding, (provider) => provider.getMeter(...scope));
    },
  };
}

/** A binding whose idle provider makes instruments that record nothing. */
export function createMeterBinding(): Binding<MeterProvider> {
  return new Binding<MeterProvider>({ getMeter: () => createNoopMeter() });
}

class MeterFacade implements Meter {
  readonly #binding: Binding<MeterProvider>;
  readonly #meter: () => Meter;
  readonly #batches = new Map<
    BatchObservableCallback,
    { readonly relay: BatchObservableCallback; readonly observables: Observable[] }
  >();

  constructor(binding: Binding<MeterProvider>, getMeter: (provider: MeterProvider) => Meter) {
    this.#binding = binding;
    this.#meter = binding.follow(getMeter);
    binding.onMove(() => {
      for (const { relay, observables } of this.#batches.values()) {
        this.#meter().addBatchObservableCallback(relay, behindAll(observables));
      }
    });
  }

  createCounter(name: string, options?: MetricOptions): Adder {
    return this.#adder((meter) => meter.createCounter(name, options));
  }

  createUpDownCounter(name: string, options?: MetricOptions): Adder {
    return this.#adder((meter) => meter.createUpDownCounter(name, options));
  }

  createHistogram(name: string, options?: MetricOptions): Recorder {
    return this.#recorder((meter) => meter.createHistogram(name, options));
  }

  createGauge(name: string, options?: MetricOptions): Recorder {
    return this.#recorder((meter) => meter.createGauge(name, options));
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableCounter(name, options));
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableUpDownCounter(name, options));
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    return this.#observable((meter) => meter.createObservableGauge(name, options));
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    const relay: BatchObservableCallback = (result) =>
      callback({
        observe(this: BatchObservableResult, observable, value, attributes) {
          result.observe(behind(observable), value, attributes);
        },
      });
    this.#batches.set(callback, { relay, observables });
    this.#meter().addBatchObservableCallback(relay, behindAll(observables));
  }

  removeBatchObservableCallback(callback: BatchObservableCallback): void {
    const batch = this.#batches.get(callback);
    if (batch === undefined) return;
    this.#batches.delete(callback);
    this.#meter().removeBatchObservableCallback(batch.relay, behindAll(batch.observables));
  }

  #adder(make: (meter: Meter) => Adder): Adder {
    const current = this.#follow(make);
    return { add: (value, attributes, context) => current().add(value, attributes, context) };
  }

  #recorder(make: (meter: Meter) => Recorder): Recorder {
    const current = this.#follow(make);
    return { record: (value, attributes, context) => current().record(value, attributes, context) };
  }

  #observable(make: (meter: Meter) => Observable): Observable {
    const facade = new ObservableFacade(this.#follow(make));
    this.#binding.onMove(() => facade.rejoin());
    return facade;
  }

  /** Made at once, so that invalid names are reported where they are written. */
  #follow<T>(make: (meter: Meter) => T): () => T {
    const current = this.#binding.follow(() => make(this.#meter()));
    current();
    return current;
  }
}

class ObservableFacade implements Observable {
  readonly current: () => Observable;
  readonly #callbacks = new Set<ObservableCallback>();

  constructor(current: () => Observable) {
    this.current = current;
  }

  addCallback(callback: ObservableCallback): void {
    this.#callbacks.add(callback);
    this.current().addCallback(callback);
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.delete(callback);
    this.current().removeCallback(callback);
  }

  rejoin(): void {
    for (const callback of this.#callbacks) this.current().addCallback(callback);
  }
}

/** The real counterparts of a list that may be anything. */
function behindAll(observables: unknown): Observable[] {
  return guard('metrics.callback', () => (observables as Observable[]).map(behind), []);
}

function behind(observable: Observable): Observable {
  return observable instanceof ObservableFacade ? observable.current() : observable;
}
