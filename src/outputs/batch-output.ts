/**
 * Items of one signal, gathered into requests of one destination.
 *
 * A request is closed when it is full, when its time is up, or when somebody flushes.
 * Layer: outputs. Stands where a cursor over the signal's log will be.
 */
import type { BatchLimits, OtlpDestination } from '../config/config.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';
import type { Signal } from '../delivery/account.ts';
import type { DrainResult } from '../delivery/sender.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type { ItemBatch } from '../encode/batch.ts';
import type { Encoded } from '../encode/otlp.ts';
import { LazyOtlpOutput } from './otlp-output.ts';

/** Longest a `forceFlush()` or `shutdown()` of the official interfaces takes, in milliseconds; they pass no deadline. */
const DEFAULT_DRAIN_MILLIS = 5000;

export interface BatchOutputInput<Item> {
  readonly signal: Signal;
  readonly destination: OtlpDestination;
  readonly limits: BatchLimits;
  /** Starts the next request. */
  readonly open: () => ItemBatch<Item>;
  readonly onPending: (() => void) | undefined;
}

/** What span and log processors of one destination share. */
export class BatchOutput<Item> extends LazyOtlpOutput<ItemBatch<Item>> {
  readonly #open: () => ItemBatch<Item>;
  readonly #limits: BatchLimits;
  #batch: ItemBatch<Item> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ signal, destination, limits, open, onPending }: BatchOutputInput<Item>) {
    const encode = (batch: ItemBatch<Item>): Encoded => batch.encode();
    super({
      signal,
      destination: withinLimits(destination, limits),
      isSuperseding: false,
      encode,
      count: ({ items }) => items,
      onPending,
    });
    this.#open = open;
    this.#limits = limits;
  }

  override async drain(deadline: Deadline, collect?: () => Promise<unknown>): Promise<DrainResult> {
    return super.drain(deadline, async () => {
      await collect?.();
      await this.#seal();
    });
  }

  async forceFlush(): Promise<void> {
    if (this.isCollecting) await this.#seal();
    else await this.drain(createDeadline(DEFAULT_DRAIN_MILLIS));
  }

  async shutdown(): Promise<void> {
    await this.drain(createDeadline(DEFAULT_DRAIN_MILLIS));
    this.close();
  }

  override get isPending(): boolean {
    return this.#batch !== undefined || super.isPending;
  }

  override takeForExit(): readonly ExitRequest[] {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== undefined) this.take(batch);
    return super.takeForExit();
  }

  protected add(item: Item): void {
    guard(`outputs.otlp.${this.signal}`, () => this.#add(item), undefined);
  }

  /** Whether an item is for this destination at all; one that is not was never made for it. */
  protected isWanted(_item: Item): boolean {
    return true;
  }

  #add(item: Item): void {
    if (!this.isWanted(item)) return;
    const { maxQueueSize } = this.#limits;
    if (maxQueueSize !== undefined && this.queuedItems + (this.#batch?.items ?? 0) >= maxQueueSize) {
      this.giveUp(1, 'queue_full');
      return;
    }
    if (this.#batch === undefined) {
      this.#batch = this.#open();
      this.notePending();
      this.#timer = setTimeout(() => void this.#seal(), this.#limits.scheduleDelayMillis).unref();
    }
    this.#batch.add(item);
    if (this.#batch.items >= this.#limits.maxExportBatchSize) void this.#seal();
  }

  /** Hands the request over, as soon as the resource is complete: detectors of a foreign SDK may still be looking. */
  async #seal(): Promise<void> {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    clearTimeout(this.#timer);
    if (batch.pendingResource !== undefined) await batch.pendingResource;
    this.take(batch);
  }
}

/** `OTEL_BSP_EXPORT_TIMEOUT` and its kin bound a request like `OTEL_EXPORTER_OTLP_TIMEOUT`: the shorter one holds. 0 is none. */
function withinLimits(destination: OtlpDestination, { exportTimeoutMillis }: BatchLimits): OtlpDestination {
  if (exportTimeoutMillis === 0) return destination;
  return { ...destination, timeoutMillis: Math.min(destination.timeoutMillis, exportTimeoutMillis) };
}
