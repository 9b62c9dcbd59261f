/**
 * Callbacks of observable instruments: each is called once per collection, none can hold up or break another.
 *
 * Layer: metrics.
 */
import {
  type BatchObservableCallback,
  diag,
  type HrTime,
  type MetricAttributes,
  type Observable,
  type ObservableCallback,
} from '@opentelemetry/api';
import { degrade, guard } from '../core/guard.ts';
import { copyAttributes } from './attributes.ts';
import { type Callbacks, type Observations, StoredObservable } from './stored-observable.ts';

/** One round of calls. */
export interface Collection {
  /** Counts from 1. */
  readonly number: number;
  readonly time: HrTime;
}

interface Entry {
  readonly callback: ObservableCallback | BatchObservableCallback;
  readonly isBatch: boolean;
  readonly observables: ReadonlySet<StoredObservable>;
  /** Its promise of an earlier collection is open still. */
  isRunning: boolean;
}

export class ObservableRegistry implements Callbacks {
  #entries: Entry[] = [];
  #collections = 0;
  readonly #onUse: () => void;

  /** @param onUse - called when a callback is registered */
  constructor(onUse: () => void) {
    this.#onUse = onUse;
  }

  add(callback: ObservableCallback, observable: StoredObservable): void {
    this.#add({ callback, isBatch: false, observables: new Set([observable]), isRunning: false });
  }

  remove(callback: ObservableCallback, observable: StoredObservable): void {
    this.#remove(callback, new Set([observable]), false);
  }

  addBatchObservableCallback(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    const own = ownOf(observables);
    if (own.size > 0) this.#add({ callback, isBatch: true, observables: own, isRunning: false });
    else diag.error('BatchObservableCallback is not associated with valid instruments');
  }

  removeBatchObservableCallback(callback: BatchObservableCallback, observables: readonly Observable[]): void {
    this.#remove(callback, ownOf(observables), true);
  }

  /**
   * Calls every callback of an instrument that is `wanted` and waits for those that answer later.
   *
   * @param timeoutMillis - when to go on without a callback; what it says after that is not used
   * @returns what was thrown, rejected, or late
   */
  async observe(
    time: HrTime,
    timeoutMillis: number,
    wanted: (observable: StoredObservable) => boolean,
  ): Promise<unknown[]> {
    const errors: unknown[] = [];
    const collection = this.#begin(time);
    const late = createLateness(timeoutMillis);
    const pending = this.#entries
      .filter(({ observables }) => [...observables].some(wanted))
      .map(async (entry) => {
        if (entry.isRunning) throw lateError(entry, 'has not answered since an earlier collection');
        const call = new Call(entry);
        const answer = call.run();
        if (isThenable(answer)) {
          entry.isRunning = true;
          const done = Promise.resolve(answer).finally(() => {
            entry.isRunning = false;
          });
          if ((await Promise.race([done, late.promise()])) === LATE) {
            done.catch(() => undefined);
            throw lateError(entry, `gave no answer within ${timeoutMillis} ms`);
          }
        }
        call.apply(collection);
      });
    for (const result of await Promise.allSettled(pending))
      if (result.status === 'rejected') errors.push(result.reason);
    late.cancel();
    return errors;
  }

  /**
   * Calls every callback and takes what it says before it returns; what a promise would bring is not waited for.
   *
   * @returns what was thrown
   */
  observeNow(time: HrTime): unknown[] {
    const errors: unknown[] = [];
    const collection = this.#begin(time);
    for (const entry of this.#entries) {
      if (entry.isRunning) continue;
      try {
        const call = new Call(entry);
        const answer = call.run();
        if (isThenable(answer)) void Promise.resolve(answer).catch(() => undefined);
        call.apply(collection);
      } catch (cause) {
        errors.push(cause);
      }
    }
    return errors;
  }

  #begin(time: HrTime): Collection {
    this.#collections += 1;
    return { number: this.#collections, time };
  }

  #add(entry: Entry): void {
    if (typeof entry.callback !== 'function') {
      degrade('metrics.callback', new TypeError('a callback that is no function'));
      return;
    }
    if (this.#entries.some((known) => isSame(known, entry))) return;
    this.#entries = [...this.#entries, entry];
    this.#onUse();
  }

  #remove(callback: Entry['callback'], observables: ReadonlySet<StoredObservable>, isBatch: boolean): void {
    this.#entries = this.#entries.filter((known) => !isSame(known, { callback, observables, isBatch }));
  }
}

/** One call of one callback: what it says is kept apart until it is known to be in time. */
class Call {
  readonly #entry: Entry;
  readonly #said = new Map<StoredObservable, Observations>();

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  run(): unknown {
    const { callback, isBatch, observables } = this.#entry;
    const observe = (observable: Observable, value: number, attributes?: MetricAttributes): void =>
      guard('metrics.observe', () => this.#take(observable, value, attributes), undefined);
    if (isBatch) return (callback as BatchObservableCallback)({ observe });
    const [only] = observables;
    return (callback as ObservableCallback)({
      observe: (value, attributes) => observe(only as StoredObservable, value, attributes),
    });
  }

  apply(collection: Collection): void {
    for (const [observable, observations] of this.#said) observable.apply(observations, collection);
  }

  #take(observable: Observable, value: number, attributes: MetricAttributes | undefined): void {
    if (!(observable instanceof StoredObservable) || !this.#entry.observables.has(observable)) return;
    const accepted = observable.accept(value);
    if (accepted === undefined) return;
    let observations = this.#said.get(observable);
    if (observations === undefined) this.#said.set(observable, (observations = []));
    observations.push({ value: accepted, attributes: copyAttributes(attributes) });
  }
}

const LATE: unique symbol = Symbol('late');

interface Lateness {
  promise(): Promise<typeof LATE>;
  cancel(): void;
}

/** One limit for all callbacks of a collection, armed when the first of them makes us wait; never holds the process. */
function createLateness(timeoutMillis: number): Lateness {
  let timer: NodeJS.Timeout | undefined;
  let promise: Promise<typeof LATE> | undefined;
  return {
    promise: () =>
      (promise ??= new Promise((resolve) => {
        timer = setTimeout(() => resolve(LATE), timeoutMillis).unref();
      })),
    cancel: () => clearTimeout(timer),
  };
}

function lateError({ observables }: Entry, what: string): Error {
  const names = [...observables].map(({ descriptor }) => `"${descriptor.name}"`).join(', ');
  return new Error(`the callback of ${names} ${what}`);
}

function ownOf(observables: readonly Observable[]): Set<StoredObservable> {
  return new Set(observables.filter((observable) => observable instanceof StoredObservable));
}

function isSame(
  a: Pick<Entry, 'callback' | 'isBatch' | 'observables'>,
  b: Pick<Entry, 'callback' | 'isBatch' | 'observables'>,
): boolean {
  return (
    a.callback === b.callback &&
    a.isBatch === b.isBatch &&
    a.observables.size === b.observables.size &&
    [...a.observables].every((observable) => b.observables.has(observable))
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
