/**
 * Whether anything was measured that the latest push does not say.
 *
 * Layer: metrics.
 */
import type { PushMetrics } from './push.ts';
import type { MetricStore } from './store.ts';

export class News {
  readonly #store: MetricStore;
  /** Number of measurements when the latest snapshot began, and of those that are queued. */
  #read: number | undefined;
  #pushed: number | undefined;

  constructor(store: MetricStore) {
    this.#store = store;
  }

  get isAny(): boolean {
    return this.#store.isUsed && this.#store.measurements !== this.#pushed;
  }

  /** A snapshot begins; it is no news once it is pushed through {@link settling}. */
  begin(): void {
    this.#read = this.#store.measurements;
  }

  /** All of this moment is pushed. */
  settle(): void {
    this.#pushed = this.#store.measurements;
  }

  /** A process that exits before a snapshot is queued still has to say what is in it. */
  settling(push: PushMetrics): PushMetrics {
    return async (metrics) => {
      const read = this.#read;
      await push(metrics);
      this.#pushed = read;
    };
  }
}
