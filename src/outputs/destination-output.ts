/**
 * One destination of one signal, OTLP or Sentry: the half that is there from the start, and the door to the half that
 * is not.
 *
 * Sender and network are loaded with the first request, because start-up time is a budget.
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { OtlpDestination, Protocol } from '../config/config.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';
import { type Account, createAccount, type DeliveryStats, type DropReason, type Signal } from '../delivery/account.ts';
import type { Cause } from '../delivery/cause.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type { Outbox } from '../delivery/outbox.ts';
import type * as senderModule from '../delivery/sender.ts';
import type { DrainResult, Judge, Sender } from '../delivery/sender.ts';

const load = createRequire(import.meta.url);

export interface DestinationOutputInput {
  readonly signal: Signal;
  readonly destination: OtlpDestination;
  /** Items of a full request, which is sent without waiting for more. */
  readonly fullItems: number;
  /** What waits; asked for when something is to be sent. */
  readonly outbox: () => Outbox;
  /** Called when `isPending` may have changed. */
  readonly onPending?: (() => void) | undefined;
  /** See {@link senderModule.SenderInput}. */
  readonly replace?: (cause: Cause) => boolean;
  /** See {@link senderModule.SenderInput}. */
  readonly judge?: Judge;
}

export class DestinationOutput {
  readonly account: Account;
  readonly #input: DestinationOutputInput;
  #sender: Sender | undefined;
  #isClosed = false;

  constructor(input: DestinationOutputInput) {
    this.#input = input;
    this.account = createAccount(input.signal, input.destination.url);
  }

  get protocol(): Protocol {
    return this.#input.destination.protocol;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether anything is not accepted yet. Cheap. */
  get isPending(): boolean {
    return this.account.queuedItems() > 0;
  }

  /** Sends what makes a full request; all that waits if `isDue`. Never throws. */
  wake(isDue: boolean): void {
    if (this.isPending) guard(this.#site, () => this.#open()?.wake(isDue), undefined);
  }

  /** Sends what is queued for as long as the deadline lasts and it can help; the rest stays queued. Never rejects. */
  async drain(deadline: Deadline): Promise<DrainResult> {
    const sender = this.isPending ? guard(this.#site, () => this.#open(), undefined) : this.#sender;
    return sender?.drain(deadline) ?? { status: 'empty', queuedItems: this.account.queuedItems() };
  }

  /** Counts items that were given up while they waited. */
  overrun(items: number, bytes: number): void {
    if (this.#sender === undefined) this.account.dropped('queue_full', items, bytes);
    else this.#sender.overrun(items, bytes);
  }

  /** Counts items that were given up while they waited because of trouble with the destination. */
  giveUp(...[items, bytes, why]: Parameters<Sender['giveUp']>): void {
    if (this.#sender === undefined) this.account.dropped(why.reason, items, bytes);
    else this.#sender.giveUp(items, bytes, why);
  }

  /** Counts items that were given up before they waited. */
  refuse(items: number, reason: DropReason): void {
    this.account.made(items, 0);
    this.account.dropped(reason, items, 0);
  }

  /** Gives everything that is not accepted out of hand and ends delivery; synchronous. Never throws. */
  takeForExit(): readonly ExitRequest[] {
    if (!this.isPending) return [];
    const requests = guard(this.#site, () => this.#open()?.takeForExit() ?? [], []);
    this.#isClosed = true;
    return requests;
  }

  /** Ends delivery at once: requests are aborted, what is queued is dropped and counted. Never throws. */
  close(): void {
    if (this.#isClosed) return;
    guard(this.#site, () => (this.isPending ? this.#open() : this.#sender)?.close(), undefined);
    this.#isClosed = true;
    this.account.closed();
  }

  stats(): DeliveryStats {
    return this.account.stats();
  }

  get #site(): string {
    return `outputs.${this.#input.signal}`;
  }

  #open(): Sender | undefined {
    if (this.#isClosed) return undefined;
    const { signal, destination, fullItems, outbox, onPending, replace, judge } = this.#input;
    const { Sender } = load('../delivery/sender.ts') as typeof senderModule;
    this.#sender ??= new Sender({
      signal,
      destination,
      account: this.account,
      outbox: outbox(),
      fullItems,
      onSettled: () => guard('outputs.pending', () => onPending?.(), undefined),
      ...(replace && { replace }),
      ...(judge && { judge }),
    });
    return this.#sender;
  }
}

/** Longest a `forceFlush()` or `shutdown()` of the official interfaces takes, in milliseconds; they pass no deadline. */
const SDK_DRAIN_MILLIS = 5000;

/** Sends what is queued, for an SDK that gives no deadline. Never rejects. */
export async function drainAll(outputs: readonly DestinationOutput[]): Promise<void> {
  const deadline = createDeadline(SDK_DRAIN_MILLIS);
  await Promise.all(outputs.map((output) => output.drain(deadline)));
}
