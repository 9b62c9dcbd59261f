/**
 * Meters that put each instrument where it belongs: into the store, or into the SDK where a view selects it.
 *
 * Layer: metrics. Between the facade in the API's global slot and the store. Nothing here throws into the caller.
 */
import {
  type BatchObservableCallback,
  createNoopMeter,
  diag,
  type Meter,
  type MeterOptions,
  type MeterProvider,
  type MetricOptions,
  type Observable,
} from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import { degrade, guard } from '../core/guard.ts';
import { createDescriptor, type InstrumentDescriptor } from './descriptor.ts';
import { adviseSeconds } from './guarded-meter.ts';
import type { InstrumentPlace } from './instrument-place.ts';
import type { Adder, Recorder } from './instrument.ts';
import type { Mirror } from './reader-storage.ts';
import { type BatchPlace, byPlace, relayBatch, RoutedObservable } from './routed-observable.ts';
import type { ScopeStore, Wanted } from './scope-store.ts';
import type { ViewJudge } from './view-match.ts';

/** Everything a meter chooses from. */
export interface Routes {
  readonly store: InstrumentPlace;
  /** Guarded; holds what views select. */
  readonly sdk: MeterProvider;
  /** Guarded; each for a reader that wants something else than the store has. */
  readonly mirrors: readonly Mirror[];
  readonly judge: ViewJudge;
}

export function createRoutedProvider(routes: Routes): MeterProvider {
  return {
    getMeter(name: string, version = '', options: MeterOptions = {}): Meter {
      return guard('metrics.meter', () => createMeter(routes, { name, version, options }), createNoopMeter());
    },
  };
}

interface MeterRequest {
  readonly name: string;
  readonly version: string;
  readonly options: MeterOptions;
}

function createMeter(routes: Routes, { name, version, options }: MeterRequest): Meter {
  const { schemaUrl } = options;
  const isNamed = typeof name === 'string' && name !== '';
  if (!isNamed) diag.warn('Invalid MeterProvider instrumentation scope name, using empty string');
  const scope: InstrumentationScope = {
    name: isNamed ? name : '',
    version,
    ...(schemaUrl !== undefined && { schemaUrl }),
  };
  return new RoutedMeter(routes, scope);
}

class RoutedMeter implements Meter {
  readonly #routes: Routes;
  readonly #scope: InstrumentationScope;
  readonly #store: ScopeStore;
  /** Meters of the SDK, made when something is put there. */
  readonly #meters = new Map<MeterProvider, Meter>();

  constructor(routes: Routes, scope: InstrumentationScope) {
    this.#routes = routes;
    this.#scope = scope;
    this.#store = routes.store.scope(scope);
  }

  createCounter(name: string, options?: MetricOptions): Adder {
    const make = (meter: Meter): Adder => meter.createCounter(name, options);
    return guardMaking(make, () => {
      const { wanted, meters } = this.#route(createDescriptor(name, InstrumentType.COUNTER, options));
      return fanAdds(wanted && this.#store.sum(wanted), meters.map(make));
    });
  }

  createUpDownCounter(name: string, options?: MetricOptions): Adder {
    const make = (meter: Meter): Adder => meter.createUpDownCounter(name, options);
    return guardMaking(make, () => {
      const { wanted, meters } = this.#route(createDescriptor(name, InstrumentType.UP_DOWN_COUNTER, options));
      return fanAdds(wanted && this.#store.sum(wanted), meters.map(make));
    });
  }

  createHistogram(name: string, options?: MetricOptions): Recorder {
    const advised = guard('metrics.instrument', () => adviseSeconds(options), undefined);
    const make = (meter: Meter): Recorder => meter.createHistogram(name, advised);
    return guardMaking(make, () => {
      const { wanted, meters } = this.#route(createDescriptor(name, InstrumentType.HISTOGRAM, advised));
      return fanRecords(wanted && this.#store.histogram(wanted), meters.map(make));
    });
  }

  createGauge(name: string, options?: MetricOptions): Recorder {
    const make = (meter: Meter): Recorder => meter.createGauge(name, options);
    return guardMaking(make, () => {
      const { wanted, meters } = this.#route(createDescriptor(name, InstrumentType.GAUGE, options));
      return fanRecords(wanted && this.#store.gauge(wanted), meters.map(make));
    });
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    const make = (meter: Meter): Observable => meter.createObservableCounter(name, options);
    return guardMaking(make, () =>
      this.#observable(createDescriptor(name, InstrumentType.OBSERVABLE_COUNTER, options), make),
    );
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    const make = (meter: Meter): Observable => meter.createObservableUpDownCounter(name, options);
    return guardMaking(make, () =>
      this.#observable(createDescriptor(name, InstrumentType.OBSERVABLE_UP_DOWN_COUNTER, options), make),
    );
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    const make = (meter: Meter): Observable => meter.createObservableGauge(name, options);
    return guardMaking(make, () =>
      this.#observable(createDescriptor(name, InstrumentType.OBSERVABLE_GAUGE, options), make),
    );
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    guard(
      'metrics.callback',
      () => {
        for (const [place, parts] of byPlace(observables)) {
          place.addBatchObservableCallback(relayBatch(callback, place), parts);
        }
      },
      undefined,
    );
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    guard(
      'metrics.callback',
      () => {
        for (const [place, parts] of byPlace(observables)) {
          place.removeBatchObservableCallback(relayBatch(callback, place), parts);
        }
      },
      undefined,
    );
  }

  /** Where the instrument goes: into the store if `wanted` is there, and to each of `meters`. */
  #route(descriptor: InstrumentDescriptor): { readonly wanted: Wanted | undefined; readonly meters: Meter[] } {
    const { judge, sdk, mirrors, store } = this.#routes;
    const verdict = judge(descriptor, this.#scope);
    if (verdict.storage === 'sdk') {
      // What is recorded there is not seen here.
      store.noteUse();
      return { wanted: undefined, meters: [this.#meterOf(sdk)] };
    }
    const meters = mirrors.filter(({ takes }) => takes(descriptor.type)).map(({ provider }) => this.#meterOf(provider));
    return { wanted: { descriptor, seriesLimit: verdict.seriesLimit }, meters };
  }

  #observable(descriptor: InstrumentDescriptor, make: (meter: Meter) => Observable): Observable {
    const { wanted, meters } = this.#route(descriptor);
    const parts = new Map<BatchPlace, Observable>(meters.map((meter) => [meter, make(meter)]));
    if (wanted !== undefined) parts.set(this.#routes.store.observables, this.#store.observable(wanted));
    return new RoutedObservable(parts);
  }

  #meterOf(provider: MeterProvider): Meter {
    let meter = this.#meters.get(provider);
    if (meter === undefined) {
      const { name, version, schemaUrl } = this.#scope;
      meter = provider.getMeter(name, version, schemaUrl === undefined ? {} : { schemaUrl });
      this.#meters.set(provider, meter);
    }
    return meter;
  }
}

/** An instrument that cannot be made records nothing. */
function guardMaking<T>(make: (meter: Meter) => T, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    degrade('metrics.instrument', cause);
    return make(createNoopMeter());
  }
}

function fanAdds(stored: Adder | undefined, copies: readonly Adder[]): Adder {
  const all = stored === undefined ? copies : [stored, ...copies];
  if (all.length === 1) return all[0] as Adder;
  return {
    add(value, attributes, context) {
      for (const each of all) each.add(value, attributes, context);
    },
  };
}

function fanRecords(stored: Recorder | undefined, copies: readonly Recorder[]): Recorder {
  const all = stored === undefined ? copies : [stored, ...copies];
  if (all.length === 1) return all[0] as Recorder;
  return {
    record(value, attributes, context) {
      for (const each of all) each.record(value, attributes, context);
    },
  };
}
