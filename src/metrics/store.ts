/**
 * The metric store: every series of the process once, aggregated when it is recorded, readable at any moment.
 *
 * The SDK collects asynchronously, so that nothing could be read in an exit handler, keeps each series once for each
 * reader, has no bound over the life of a process, and blocks the loop while it collects.
 * Layer: metrics. A `MetricProducer` of the SDK: docs/decisions/0007-metric-store.md.
 */
import type { HrTime } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type {
  CollectionResult,
  InstrumentType,
  MetricCollectOptions,
  MetricProducer,
  ResourceMetrics,
  ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { MetricLimits } from '../config/config.ts';
import { type Clock, epochMillis } from '../core/clock.ts';
import { degrade } from '../core/guard.ts';
import { runAtOnce, runInSlices, type Steps } from '../core/slices.ts';
import { toHrTime } from './hr-time.ts';
import { BackgroundPart, findScope, type InstrumentPlace } from './instrument-place.ts';
import { ObservableRegistry } from './observable-registry.ts';
import type { ScopeStore, Shared } from './scope-store.ts';
import { SeriesBudget } from './series-budget.ts';
import type { StoredObservable } from './stored-observable.ts';

/** Points read between two looks at the clock. */
const POINTS_PER_STEP = 128;
/** Longest time a collection waits for callbacks, whatever its caller allows: a scrape answers within 2 s. */
const CALLBACK_TIMEOUT_MILLIS = 1_000;

export interface StoreOptions {
  readonly resource: Resource;
  readonly limits: MetricLimits;
  /** Whether measurements in sampled spans are kept as exemplars. Default: no. */
  readonly exemplars?: boolean;
  /** Called once, when the first measurement or callback is there. */
  readonly onUse?: () => void;
  /** Milliseconds since the Unix epoch; replaced in tests. */
  readonly clock?: Clock;
  /** Longest time a slice of a snapshot holds the event loop; 0 = one step. Default: 8. */
  readonly sliceMillis?: number;
}

/** Which kinds of instruments a collection is about. */
export type KindFilter = (kind: InstrumentType) => boolean;

const EVERY_KIND: KindFilter = () => true;

export class MetricStore implements MetricProducer, InstrumentPlace, Shared {
  readonly limits: MetricLimits;
  readonly budget: SeriesBudget;
  readonly observables: ObservableRegistry;
  readonly hasExemplars: boolean;
  readonly clock: Clock;
  /**
   * Instruments of this package's own: part of every snapshot, but neither use nor news, so that they are no reason to
   * send one; and they take no series away from the application.
   */
  readonly background: BackgroundPart;
  readonly #resource: Resource;
  readonly #sliceMillis: number | undefined;
  readonly #scopes = new Map<string, ScopeStore>();
  readonly #onUse: () => void;
  #isUsed = false;
  /** Snapshots being read in slices. */
  #readers = 0;
  /** Its callbacks are running, so that it will hold everything recorded until now. */
  #joinable: Promise<CollectionResult> | undefined;

  constructor({ resource, limits, ...options }: StoreOptions) {
    this.#resource = resource;
    this.limits = limits;
    this.hasExemplars = options.exemplars ?? false;
    this.clock = options.clock ?? epochMillis;
    this.#sliceMillis = options.sliceMillis;
    this.#onUse = options.onUse ?? (() => undefined);
    this.budget = new SeriesBudget(limits.totalSeries);
    this.observables = new ObservableRegistry(() => this.noteUse());
    this.background = new BackgroundPart(this.clock);
  }

  /** Whether anything was recorded, or a callback would be asked. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** Measurements so far, callbacks left out. */
  get measurements(): number {
    return this.budget.measurements;
  }

  noteUse(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#onUse();
  }

  scope(scope: InstrumentationScope): ScopeStore {
    return findScope(this.#scopes, scope, this);
  }

  /**
   * Current values of everything, at once; for the end of a process, where nothing can be waited for.
   *
   * Callbacks are called, but what they would only say later is left at what they said last.
   */
  snapshotNow(): ResourceMetrics {
    const time = toHrTime(this.clock());
    const errors = [this, this.background].flatMap(({ observables }) => observables.observeNow(time));
    for (const error of errors) degrade('metrics.observe', error);
    this.#expire();
    return { resource: this.#resource, scopeMetrics: runAtOnce(this.#read(time, EVERY_KIND)) };
  }

  /**
   * Current values, after all callbacks have answered or had their time. Yields to the event loop between slices; each
   * series is consistent in itself. Callers that come while callbacks run share one result.
   */
  collect(
    { timeoutMillis = CALLBACK_TIMEOUT_MILLIS }: MetricCollectOptions = {},
    wants: KindFilter = EVERY_KIND,
  ): Promise<CollectionResult> {
    const limitMillis = Math.min(timeoutMillis, CALLBACK_TIMEOUT_MILLIS);
    if (wants !== EVERY_KIND) return this.#collect(limitMillis, wants);
    this.#joinable ??= this.#collect(limitMillis, wants);
    return this.#joinable;
  }

  async #collect(timeoutMillis: number, wants: KindFilter): Promise<CollectionResult> {
    const time = toHrTime(this.clock());
    const wanted = ({ descriptor }: StoredObservable): boolean => wants(descriptor.type);
    const errors = await Promise.all(
      [this, this.background].map(({ observables }) => observables.observe(time, timeoutMillis, wanted)),
    );
    if (wants === EVERY_KIND) this.#joinable = undefined;
    this.#expire();
    return {
      resourceMetrics: { resource: this.#resource, scopeMetrics: await this.#readInSlices(time, wants) },
      errors: errors.flat(),
    };
  }

  async #readInSlices(time: HrTime, wants: KindFilter): Promise<ScopeMetrics[]> {
    this.#readers += 1;
    try {
      return await runInSlices(this.#read(time, wants), this.#sliceMillis);
    } finally {
      this.#readers -= 1;
    }
  }

  /** Reads in steps of at most {@link POINTS_PER_STEP} points. */
  *#read(time: HrTime, wants: KindFilter): Steps<ScopeMetrics[]> {
    const scopeMetrics: ScopeMetrics[] = [];
    for (const scope of [...this.#scopes.values(), ...this.background.scopes.values()]) {
      const metrics = yield* scope.read({ time, wants, pointsPerStep: POINTS_PER_STEP });
      if (metrics.length > 0) scopeMetrics.push({ scope: scope.scope, metrics });
    }
    return scopeMetrics;
  }

  #expire(): void {
    const { expireAfterMillis } = this.limits;
    // A snapshot that is being read holds on to what would be forgotten.
    if (expireAfterMillis === undefined || this.#readers > 0) return;
    const now = this.clock();
    for (const scope of this.#scopes.values()) scope.expire(now, expireAfterMillis);
  }
}
