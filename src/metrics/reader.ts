/**
 * The one metric reader of this package: everything that leaves, pushed or scraped, is a snapshot of it.
 *
 * Two readers would keep every series twice and call every observable callback twice, and their numbers would differ.
 * Always cumulative: Prometheus understands nothing else, and a lost cumulative push costs no counts.
 * Layer: metrics.
 */
import { type CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import type { SnapshotBridge } from './bridge.ts';

/** Longest time one collection waits for observable callbacks, so that a scrape answers within 2 s. */
const COLLECT_TIMEOUT_MILLIS = 1_000;

export interface SnapshotReaderOptions {
  readonly bridge?: SnapshotBridge | undefined;
}

/** Gives cumulative snapshots of all instruments on request. */
export class SnapshotReader extends MetricReader {
  readonly #collectTimeoutMillis: number;
  readonly #bridge: SnapshotBridge | undefined;
  #inFlight: Promise<CollectionResult> | undefined;
  #flush: (() => Promise<unknown>) | undefined;

  /** @param collectTimeoutMillis - limit per observable callback; a late callback is left out of the snapshot */
  constructor(collectTimeoutMillis: number = COLLECT_TIMEOUT_MILLIS, { bridge }: SnapshotReaderOptions = {}) {
    super(bridge && { metricProducers: [bridge.producer] });
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
    if (this.#bridge === undefined) return result;
    return { ...result, resourceMetrics: this.#bridge.settle(result.resourceMetrics) };
  }

  protected override async onForceFlush(): Promise<void> {
    await this.#flush?.();
  }

  protected override async onShutdown(): Promise<void> {
    await this.#flush?.();
  }
}
