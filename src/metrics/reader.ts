/**
 * The one metric reader of this package: everything that leaves, pushed or scraped, is a snapshot of it.
 *
 * Two readers would keep every series twice and call every observable callback twice, and their numbers would differ.
 * Cumulative: Prometheus understands nothing else, and a lost cumulative push costs no counts. Only where a destination
 * asks for deltas, there is another one for them (`delta-metrics.ts`).
 * Layer: metrics.
 */
import {
  type AggregationTemporality,
  AggregationType,
  type CollectionResult,
  InstrumentType,
  type MetricProducer,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import type { HistogramAggregation } from '../config/config.ts';
import { degrade } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import type { SnapshotBridge } from './bridge.ts';
import { mergeResults } from './merge-scopes.ts';

/** Longest time one collection waits for observable callbacks, so that a scrape answers within 2 s. */
const COLLECT_TIMEOUT_MILLIS = 1_000;

export interface SnapshotReaderOptions {
  /** Read beside the provider the reader is registered with. */
  readonly store?: MetricProducer;
  /** The user's, read as well. */
  readonly producers?: readonly MetricProducer[];
  /** Default: explicit buckets. */
  readonly histogramAggregation?: HistogramAggregation;
  /** Metrics of registries the application has beside OpenTelemetry. */
  readonly bridge?: SnapshotBridge | undefined;
  /** Default: all cumulative. */
  readonly temporality?: (kind: InstrumentType) => AggregationTemporality;
  /** Default: that of the SDK. */
  readonly seriesLimit?: (kind: InstrumentType) => number;
}

/** Gives cumulative snapshots of all instruments on request. */
export class SnapshotReader extends MetricReader {
  readonly #collectTimeoutMillis: number;
  readonly #bridge: SnapshotBridge | undefined;
  #inFlight: Promise<CollectionResult> | undefined;
  #flush: (() => Promise<unknown>) | undefined;

  /** @param collectTimeoutMillis - limit per observable callback; a late callback is left out of the snapshot */
  constructor(
    collectTimeoutMillis: number = COLLECT_TIMEOUT_MILLIS,
    { store, producers = [], bridge, histogramAggregation, temporality, seriesLimit }: SnapshotReaderOptions = {},
  ) {
    const exponential = histogramAggregation === 'base2_exponential_bucket_histogram';
    super({
      aggregationSelector: (type) => ({
        type:
          exponential && type === InstrumentType.HISTOGRAM
            ? AggregationType.EXPONENTIAL_HISTOGRAM
            : AggregationType.DEFAULT,
      }),
      metricProducers: [store, ...producers, bridge?.producer].filter(isPresent),
      ...(temporality !== undefined && { aggregationTemporalitySelector: temporality }),
      ...(seriesLimit !== undefined && { cardinalitySelector: seriesLimit }),
    });
    this.#bridge = bridge;
    this.#collectTimeoutMillis = collectTimeoutMillis;
  }

  /**
   * Current values of all instruments. Callers that ask while a collection runs share its result.
   *
   * What callbacks throw, or fail to answer in time, is counted as degradation `metrics.observe`; the rest is there.
   *
   * @throws if the reader is not bound to a provider yet, or was shut down
   */
  snapshot(): Promise<CollectionResult> {
    this.#inFlight ??= this.#collectOnce().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  /** Like {@link snapshot}, but holds everything recorded until now, also where a snapshot is half read already. */
  async freshSnapshot(): Promise<CollectionResult> {
    await this.#inFlight?.catch(() => undefined);
    return this.snapshot();
  }

  /**
   * Makes `forceFlush()` and `shutdown()` of the provider do `flush` first; nothing else flushes a reader that a
   * foreign SDK owns.
   */
  onFlush(flush: () => Promise<unknown>): void {
    this.#flush = flush;
  }

  async #collectOnce(): Promise<CollectionResult> {
    const result = await this.collect({ timeoutMillis: this.#collectTimeoutMillis });
    for (const error of result.errors) degrade('metrics.observe', error);
    const merged = mergeResults(result, []);
    if (this.#bridge === undefined) return merged;
    return { ...merged, resourceMetrics: this.#bridge.settle(merged.resourceMetrics) };
  }

  protected override async onForceFlush(): Promise<void> {
    await this.#flush?.();
  }

  protected override async onShutdown(): Promise<void> {
    await this.#flush?.();
  }
}
