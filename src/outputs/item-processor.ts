/**
 * What the span processor and the log record processor of this package share: items go into one log, from which each
 * destination is served at its own pace.
 *
 * An item is encoded as soon as it is complete, so that nothing has to be done at exit but send, and the objects of the
 * application do not wait in memory.
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { BatchLimits, OtlpDestination } from '../config/config.ts';
import { degrade, guard } from '../core/guard.ts';
import type { Signal } from '../delivery/account.ts';
import type { Outbox } from '../delivery/outbox.ts';
import type { ItemFormat, Scoped } from '../encode/item-format.ts';
import type * as itemStreamModule from './item-stream.ts';
import type { HeldItem, ItemFilter, ItemStream } from './item-stream.ts';
import { drainAll, DestinationOutput } from './destination-output.ts';

const load = createRequire(import.meta.url);

/** Most bytes in the log of a signal. Source: DESIGN §2. */
const LIMIT_BYTES = { traces: 16 * 2 ** 20, logs: 8 * 2 ** 20 };

/** Given up at once when a log is full. */
const STEP_BYTES = 2 ** 16;

/** Gives back what a filter held: it is for its destination, or it is not. Never throws. */
export type SettleHeld = (held: HeldItem, isFor: boolean) => void;

export interface ItemProcessorInput<Item extends Scoped> {
  readonly signal: Extract<Signal, 'traces' | 'logs'>;
  readonly destinations: readonly OtlpDestination[];
  readonly limits: BatchLimits;
  /** Whether `forceFlush()` and `shutdown()` send what waits; a run drains its outputs itself, under one deadline. */
  readonly isSelfDraining: boolean;
  readonly format: () => ItemFormat<Item>;
  /** What a destination leaves out; asked once for each. Default: nothing. */
  readonly filterOf?: (destination: OtlpDestination, settle: SettleHeld) => ItemFilter<Item> | undefined;
  /** Called when anything may have become pending, or ceased to be. */
  readonly onPending: (() => void) | undefined;
}

export class ItemProcessor<Item extends Scoped> {
  /** One per destination. */
  readonly outputs: readonly DestinationOutput[];
  readonly #input: ItemProcessorInput<Item>;
  readonly #filters: readonly (ItemFilter<Item> | undefined)[];
  #stream: ItemStream<Item> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(input: ItemProcessorInput<Item>) {
    const { signal, destinations, limits, onPending } = input;
    this.#input = input;
    this.#filters = destinations.map((destination, index) => {
      return input.filterOf?.(destination, (held, isFor) => this.#settle(index, held, isFor));
    });
    this.outputs = destinations.map((destination, index) => {
      return new DestinationOutput({
        signal,
        destination: withinTimeout(destination, limits),
        fullItems: limits.maxExportBatchSize,
        outbox: () => this.#open().cursors[index] as Outbox,
        onPending,
      });
    });
  }

  async forceFlush(): Promise<void> {
    if (this.#input.isSelfDraining) await drainAll(this.outputs);
  }

  async shutdown(): Promise<void> {
    if (!this.#input.isSelfDraining) return;
    await drainAll(this.outputs);
    for (const output of this.outputs) output.close();
  }

  /** Whether an item is for the destinations at all. */
  protected isWanted(_item: Item): boolean {
    return true;
  }

  protected add(item: Item): void {
    try {
      this.#add(item);
    } catch (cause) {
      degrade(`outputs.otlp.${this.#input.signal}`, cause);
    }
  }

  #add(item: Item): void {
    if (!this.isWanted(item)) return;
    if (this.outputs[0]?.isClosed === true) {
      for (const [index, output] of this.outputs.entries()) {
        const filter = this.#filters[index];
        if (filter === undefined || filter.isFor(item) === true) output.refuse(1, 'closed');
        else output.account.filtered(1);
      }
      return;
    }
    const stream = this.#open();
    stream.append(item);
    this.#appended(stream);
  }

  #settle(index: number, held: HeldItem, isFor: boolean): void {
    const output = this.outputs[index] as DestinationOutput;
    guard(
      `outputs.otlp.${this.#input.signal}`,
      () => {
        if (isFor && output.isClosed) return output.refuse(1, 'closed');
        const stream = this.#open();
        stream.settle(index, held, isFor);
        if (isFor) this.#appended(stream);
      },
      undefined,
    );
  }

  #appended(stream: ItemStream<Item>): void {
    const { scheduleDelayMillis, maxExportBatchSize } = this.#input.limits;
    for (const [index, { waitingItems }] of stream.cursors.entries()) {
      if (waitingItems === 1) guard('outputs.pending', () => this.#input.onPending?.(), undefined);
      // Later ones need not be told: a sender goes on by itself while there is enough for a request.
      if (waitingItems === maxExportBatchSize) this.outputs[index]?.wake(false);
    }
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#sendAll(), scheduleDelayMillis).unref();
  }

  #sendAll(): void {
    this.#timer = undefined;
    for (const output of this.outputs) output.wake(true);
  }

  #open(): ItemStream<Item> {
    if (this.#stream === undefined) {
      const { ItemStream } = load('./item-stream.ts') as typeof itemStreamModule;
      const { format, limits, signal } = this.#input;
      this.#stream = new ItemStream({
        format: format(),
        limits: { maxBytes: LIMIT_BYTES[signal], maxItems: limits.maxQueueSize, stepBytes: STEP_BYTES },
        outputs: this.outputs,
        filters: this.#filters,
      });
    }
    return this.#stream;
  }
}

/** `OTEL_BSP_EXPORT_TIMEOUT` and its kin bound a request like `OTEL_EXPORTER_OTLP_TIMEOUT`: the shorter one holds. 0 is none. */
function withinTimeout(destination: OtlpDestination, { exportTimeoutMillis }: BatchLimits): OtlpDestination {
  if (exportTimeoutMillis === 0) return destination;
  return { ...destination, timeoutMillis: Math.min(destination.timeoutMillis, exportTimeoutMillis) };
}
