/**
 * Metrics, logs and check-ins of one run, on their way to Sentry.
 *
 * Layer: sentry. Loaded with the first of them.
 */
import type { Timer } from '../delivery/timer.ts';
import { type CheckInInput, sendCheckIn } from './check-ins.ts';
import { ItemBatch } from './item-batch.ts';
import { addLog, type SentryLogEntry } from './logs.ts';
import { addMeasurement, type SentryMeasurement } from './metrics.ts';
import type { SentrySink, SinkIdentity } from './sink.ts';
import { createSurroundings, type Surroundings } from './surroundings.ts';

export interface SentryItemsInput {
  readonly sink: SentrySink;
  readonly identity: SinkIdentity;
  /** Called when the first item waits for others. */
  readonly onPending: () => void;
  /** 32 hexadecimal digits, anew each time. */
  readonly createId: () => string;
  /** The last two are replaced in tests; milliseconds since 1970. */
  readonly now?: () => number;
  readonly timer?: Timer;
}

export class SentryItems {
  readonly #input: SentryItemsInput;
  readonly #around: Surroundings;
  readonly #metrics: ItemBatch;
  readonly #logs: ItemBatch;

  constructor(input: SentryItemsInput) {
    const { sink, identity, createId, now, timer } = input;
    this.#input = input;
    this.#around = createSurroundings(identity, createId, now);
    this.#metrics = new ItemBatch('trace_metric', sink, timer);
    this.#logs = new ItemBatch('log', sink, timer);
  }

  /** What waits for an envelope. */
  get waitingItems(): number {
    return this.#metrics.waitingItems + this.#logs.waitingItems;
  }

  measure(measurement: SentryMeasurement): void {
    addMeasurement(this.#metrics, this.#around, measurement);
    this.#added();
  }

  log(entry: SentryLogEntry): void {
    addLog(this.#logs, this.#around, entry);
    this.#added();
  }

  /** Returns the id of the run of the job; `undefined` if the check-in cannot be used. */
  checkIn(input: CheckInInput): string | undefined {
    return sendCheckIn({ ...this.#input, around: this.#around }, input);
  }

  /** Hands on what waits; synchronous. */
  flush(): void {
    this.#metrics.flush();
    this.#logs.flush();
  }

  #added(): void {
    if (this.waitingItems === 1) this.#input.onPending();
  }
}
