/**
 * Collects items of one kind into envelopes: what is recorded a thousand times a second cannot be a request each.
 *
 * Layer: sentry. Source: develop.sentry.dev, “Logs” and “Metrics”, batching.
 */
import { loopTimer, type Timer } from '../delivery/timer.ts';
import type { SentrySink } from './sink.ts';
import { SDK } from './sdk.ts';

/** Most items of an envelope. Source: Sentry's limit for logs. */
export const MAX_BATCH_ITEMS = 100;

/** Longest time an item waits for others. */
export const BATCH_MILLIS = 5000;

export class ItemBatch {
  readonly #type: 'log' | 'trace_metric';
  readonly #sink: SentrySink;
  readonly #timer: Timer;
  #items: object[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(type: 'log' | 'trace_metric', sink: SentrySink, timer: Timer = loopTimer) {
    this.#type = type;
    this.#sink = sink;
    this.#timer = timer;
  }

  get waitingItems(): number {
    return this.#items.length;
  }

  add(item: object): void {
    this.#items.push(item);
    if (this.#items.length >= MAX_BATCH_ITEMS) this.flush();
    else this.#cancelTimer ??= this.#timer(() => this.flush(), BATCH_MILLIS);
  }

  /** Hands on what there is; synchronous. */
  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    const header = { type: this.#type, item_count: items.length, content_type: CONTENT_TYPES[this.#type] };
    this.#sink({ sdk: SDK }, [[header, { version: 2, items }]]);
  }
}

const CONTENT_TYPES = {
  log: 'application/vnd.sentry.items.log+json',
  trace_metric: 'application/vnd.sentry.items.trace-metric+json',
} as const;
