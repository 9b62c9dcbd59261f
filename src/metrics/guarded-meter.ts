/**
 * Meters that cannot throw into the code that uses them, and that know what seconds look like.
 *
 * Layer: metrics. Between the facade in the API's global slot and the official provider.
 */
import {
  type BatchObservableCallback,
  createNoopMeter,
  type Meter,
  type MeterOptions,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
} from '@opentelemetry/api';
import { degrade, guard } from '../core/guard.ts';
import { SECONDS_BOUNDARIES } from '../encode/seconds.ts';
import { copyAttributes } from './attributes.ts';
import type { Adder, Recorder } from './instrument.ts';

/**
 * Puts a guard around every meter of `provider`.
 *
 * @param onUse - called whenever a meter is taken
 */
export function guardMeterProvider(provider: MeterProvider, onUse: () => void = () => undefined): MeterProvider {
  return {
    getMeter(name: string, version?: string, options?: MeterOptions): Meter {
      const make = (): Meter => new GuardedMeter(provider.getMeter(name, version, options));
      const meter = guard('metrics.meter', make, createNoopMeter());
      guard('metrics.use', onUse, undefined);
      return meter;
    },
  };
}

/** Advice for a histogram: the user's own, else {@link SECONDS_BOUNDARIES} where the unit is seconds. */
export function adviseSeconds(options: MetricOptions | undefined): MetricOptions | undefined {
  if (options?.unit !== 's' || options.advice?.explicitBucketBoundaries !== undefined) return options;
  return { ...options, advice: { ...options.advice, explicitBucketBoundaries: [...SECONDS_BOUNDARIES] } };
}

class GuardedMeter implements Meter {
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  createCounter(name: string, options?: MetricOptions): Adder {
    return guardAdder(this.#make((meter) => meter.createCounter(name, options)));
  }

  createUpDownCounter(name: string, options?: MetricOptions): Adder {
    return guardAdder(this.#make((meter) => meter.createUpDownCounter(name, options)));
  }

  createHistogram(name: string, options?: MetricOptions): Recorder {
    return guardRecorder(
      this.#make((meter) =>
        meter.createHistogram(
          name,
          guard('metrics.instrument', () => adviseSeconds(options), {}),
        ),
      ),
    );
  }

  createGauge(name: string, options?: MetricOptions): Recorder {
    return guardRecorder(this.#make((meter) => meter.createGauge(name, options)));
  }

  createObservableCounter(name: string, options?: MetricOptions): Observable {
    return guardObservable(this.#make((meter) => meter.createObservableCounter(name, options)));
  }

  createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return guardObservable(this.#make((meter) => meter.createObservableUpDownCounter(name, options)));
  }

  createObservableGauge(name: string, options?: MetricOptions): Observable {
    return guardObservable(this.#make((meter) => meter.createObservableGauge(name, options)));
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    guard(
      'metrics.callback',
      () => this.#meter.addBatchObservableCallback(relayBatch(callback), observables),
      undefined,
    );
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: Observable[]): void {
    guard(
      'metrics.callback',
      () => this.#meter.removeBatchObservableCallback(relayBatch(callback), observables),
      undefined,
    );
  }

  #make<T>(make: (meter: Meter) => T): T {
    try {
      return make(this.#meter);
    } catch (cause) {
      degrade('metrics.instrument', cause);
      return make(createNoopMeter());
    }
  }
}

function guardAdder(instrument: Adder): Adder {
  return {
    add(value, attributes, context) {
      try {
        instrument.add(value, copyAttributes(attributes), context);
      } catch (cause) {
        degrade('metrics.record', cause);
      }
    },
  };
}

function guardRecorder(instrument: Recorder): Recorder {
  return {
    record(value, attributes, context) {
      try {
        instrument.record(value, copyAttributes(attributes), context);
      } catch (cause) {
        degrade('metrics.record', cause);
      }
    },
  };
}

/** Changed in place and not wrapped: the SDK recognises its own observables when they join a batch callback. */
function guardObservable(observable: Observable): Observable {
  const add = observable.addCallback.bind(observable);
  const remove = observable.removeCallback.bind(observable);
  observable.addCallback = (callback) => guard('metrics.callback', () => add(relay(callback)), undefined);
  observable.removeCallback = (callback) => guard('metrics.callback', () => remove(relay(callback)), undefined);
  return observable;
}

/** One relay for each callback, because the SDK tells callbacks apart by identity. */
const relays = new WeakMap<ObservableCallback, ObservableCallback>();
const batchRelays = new WeakMap<BatchObservableCallback, BatchObservableCallback>();

/** One bad observation costs that observation, not the rest of its callback. */
function relay(callback: ObservableCallback): ObservableCallback {
  const known = relays.get(callback);
  if (known !== undefined) return known;
  const made: ObservableCallback = (result) =>
    callback({
      observe: (value, attributes) =>
        guard('metrics.observe', () => result.observe(value, copyAttributes(attributes)), undefined),
    });
  relays.set(callback, made);
  return made;
}

function relayBatch(callback: BatchObservableCallback): BatchObservableCallback {
  const known = batchRelays.get(callback);
  if (known !== undefined) return known;
  const made: BatchObservableCallback = (result) =>
    callback({
      observe: (observable, value, attributes) =>
        guard('metrics.observe', () => result.observe(observable, value, copyAttributes(attributes)), undefined),
    });
  batchRelays.set(callback, made);
  return made;
}
