/**
 * The half of an OTLP destination that is there from the start: its account, and the door to the half that is not.
 *
 * Serializers, sender and network are loaded with the first request, because start-up time is a budget.
 * Layer: outputs.
 */
import { createRequire } from 'node:module';
import type { OtlpDestination } from '../config/config.ts';
import { type Deadline, withinDeadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';
import { type Account, createAccount, type DeliveryStats, type DropReason, type Signal } from '../delivery/account.ts';
import type * as senderModule from '../delivery/sender.ts';
import type { DrainResult, Outcome, Sender } from '../delivery/sender.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type { Encoded } from '../encode/otlp.ts';

const load = createRequire(import.meta.url);

/** What `run/` does with any destination of any signal. */
export interface OtlpOutput {
  readonly signal: Signal;
  /**
   * Sends what is queued for as long as the deadline lasts and it can help; the rest stays queued. Never rejects.
   *
   * @param collect - hands over what the batch processor still holds: its `forceFlush`
   */
  drain(deadline: Deadline, collect?: () => Promise<unknown>): Promise<DrainResult>;
  /** Whether anything is not accepted yet. Cheap. */
  readonly isPending: boolean;
  /** Gives everything that is not accepted out of hand and ends delivery; synchronous. Never throws. */
  takeForExit(): readonly ExitRequest[];
  /** Ends delivery at once: requests are aborted, what is queued is dropped and counted. Never throws. */
  close(): void;
  stats(): DeliveryStats;
}

/** Most bytes that wait for one destination. Source: DESIGN §2. */
const LIMIT_BYTES: Record<Signal, number> = { traces: 16 * 2 ** 20, logs: 8 * 2 ** 20, metrics: 4 * 2 ** 20 };

export interface OtlpOutputInput<T> {
  readonly signal: Signal;
  readonly destination: OtlpDestination;
  /** Whether a newer request makes the waiting ones pointless. */
  readonly isSuperseding: boolean;
  readonly encode: (data: T) => Encoded;
  /** Spans, log records or data points in `data`. */
  readonly count: (data: T) => number;
  /** Called when `isPending` may have changed. */
  readonly onPending?: (() => void) | undefined;
}

/** Encodes and sends `T`, which is one batch of one signal. */
export class LazyOtlpOutput<T> implements OtlpOutput {
  readonly signal: Signal;
  readonly #input: OtlpOutputInput<T>;
  readonly #account: Account;
  #sender: Sender | undefined;
  #isClosed = false;
  #collections = 0;
  readonly #waiters = new Set<() => void>();

  constructor(input: OtlpOutputInput<T>) {
    this.signal = input.signal;
    this.#input = input;
    this.#account = createAccount(input.signal, input.destination.url);
  }

  /** Whether a drain is collecting: it waits for the requests itself, so nobody else has to. */
  get isCollecting(): boolean {
    return this.#collections > 0;
  }

  /** Resolves like `outcome`, or with `queued` when a drain takes over the waiting. */
  untilCollected(outcome: Promise<Outcome>): Promise<Outcome> {
    if (this.isCollecting) return Promise.resolve({ status: 'queued' });
    return new Promise((resolve) => {
      const release = (): void => resolve({ status: 'queued' });
      this.#waiters.add(release);
      void outcome.then((fate) => {
        this.#waiters.delete(release);
        resolve(fate);
      });
    });
  }

  /** Encodes and queues `data`; `handedOver` is false if it was dropped instead. Never throws. */
  take(data: T): { readonly handedOver: boolean; readonly outcome: Promise<Outcome> } {
    if (this.#isClosed) return this.#refuse(data, 'closed');
    const queued = guard(`outputs.otlp.${this.signal}`, () => this.#queue(data), undefined);
    return queued === undefined ? this.#refuse(data, 'unencodable') : { handedOver: true, outcome: queued };
  }

  async drain(deadline: Deadline, collect?: () => Promise<unknown>): Promise<DrainResult> {
    if (collect !== undefined) {
      this.#collections += 1;
      for (const release of this.#waiters) release();
      this.#waiters.clear();
      await withinDeadline((async () => collect())(), deadline);
      this.#collections -= 1;
    }
    return this.#sender?.drain(deadline) ?? { status: 'empty', queuedItems: 0 };
  }

  get isPending(): boolean {
    return this.#sender?.isPending ?? false;
  }

  takeForExit(): readonly ExitRequest[] {
    return guard(`outputs.otlp.${this.signal}`, () => this.#sender?.takeForExit() ?? [], []);
  }

  close(): void {
    this.#isClosed = true;
    this.#account.closed();
    guard(`outputs.otlp.${this.signal}`, () => this.#sender?.close(), undefined);
  }

  stats(): DeliveryStats {
    return this.#account.stats();
  }

  #queue(data: T): Promise<Outcome> | undefined {
    const { encode, destination, signal, isSuperseding } = this.#input;
    const { body, contentType, items, unencodableItems } = encode(data);
    if (body === undefined) return undefined;
    const { createSender } = load('../delivery/sender.ts') as typeof senderModule;
    const account = this.#account;
    this.#sender ??= createSender({ signal, destination, account, isSuperseding, limitBytes: LIMIT_BYTES[signal] });
    account.made(unencodableItems);
    account.dropped('unencodable', unencodableItems);
    const outcome = this.#sender.send(body, items, contentType);
    this.notePending();
    void outcome.then(() => this.notePending());
    return outcome;
  }

  protected notePending(): void {
    guard('outputs.pending', () => this.#input.onPending?.(), undefined);
  }

  /** Items in closed requests that are neither sent nor dropped. */
  protected get queuedItems(): number {
    return this.#account.queuedItems();
  }

  /** Counts items that are given up before they were part of a request. */
  protected giveUp(items: number, reason: DropReason): void {
    this.#account.made(items);
    this.#account.dropped(reason, items);
  }

  #refuse(data: T, reason: DropReason): { readonly handedOver: false; readonly outcome: Promise<Outcome> } {
    const items = guard(`outputs.otlp.${this.signal}`, () => this.#input.count(data), 0);
    this.giveUp(items, reason);
    return { handedOver: false, outcome: Promise.resolve({ status: 'dropped', reason, cause: undefined }) };
  }
}
