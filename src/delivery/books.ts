/**
 * What became of each parcel of one destination: in the account, and for people.
 *
 * Layer: delivery.
 */
import type { Account, DropReason } from './account.ts';
import type { Cause } from './cause.ts';
import type { Parcel } from './outbox.ts';
import type { OutageReport, Source } from './outages.ts';

/** As far as the books care. */
type Load = Pick<Parcel, 'items' | 'bytes'>;

const OVERRUN: Cause = { kind: 'slow', code: 'queue_full', text: 'telemetry is made faster than it is taken' };
/** Of what was queued at the end, at a destination that had not failed. */
const UNFINISHED: Cause = { kind: 'ended', code: 'closed', text: 'not delivered before the end' };

export interface BooksInput {
  readonly account: Account;
  readonly report: OutageReport;
  readonly source: Source;
  /** Called whenever a parcel is settled. */
  readonly onSettled: () => void;
}

export class Books {
  readonly #input: BooksInput;
  /** Of the latest failure, until something is accepted. */
  #lastCause: Cause | undefined;

  constructor(input: BooksInput) {
    this.#input = input;
    input.report.opened(input.source);
  }

  retried({ items }: Load): void {
    this.#input.account.retried(items);
  }

  /** @param isLasting - the destination refused, or items are lost: worth a line although it may recover */
  failing(cause: Cause, isLasting: boolean): void {
    const { account, report, source } = this.#input;
    this.#lastCause = cause;
    account.failing(cause.text);
    report.failed(source, cause, isLasting);
  }

  /** @param message - the destination's words about the items it left out */
  accepted(load: Load, rejectedItems: number, message: string): void {
    const { report, source, onSettled } = this.#input;
    this.#lastCause = undefined;
    const leftOutItems = this.acceptedAtExit(load, rejectedItems);
    if (leftOutItems > 0) report.leftOut(source, leftOutItems, message);
    report.accepted(source);
    onSettled();
  }

  /** Tells nobody: the exit has a line of its own. Gives the number of items that were left out. */
  acceptedAtExit({ items, bytes }: Load, rejectedItems: number): number {
    const leftOutItems = Math.min(rejectedItems, items);
    this.#input.account.sent(items - leftOutItems, bytes);
    this.#input.account.dropped('rejected', leftOutItems, 0);
    return leftOutItems;
  }

  /** Drops a parcel because of trouble, which people should hear of. */
  lost(load: Load, reason: DropReason, cause: Cause): void {
    this.failing(cause, true);
    this.#input.report.lost(this.#input.source, load.items);
    this.dropped(load, reason);
  }

  overrun(load: Load): void {
    this.lost(load, 'queue_full', this.#lastCause ?? OVERRUN);
  }

  unfinished(load: Load): void {
    this.lost(load, 'closed', this.#lastCause ?? UNFINISHED);
  }

  dropped({ items, bytes }: Load, reason: DropReason): void {
    this.#input.account.dropped(reason, items, bytes);
    this.#input.onSettled();
  }

  closed(): void {
    this.#input.account.closed();
  }

  /** After the last parcel. */
  end(): void {
    this.#input.report.closed(this.#input.source);
  }
}
