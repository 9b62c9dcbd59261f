/**
 * Brings what waits for one destination there, one request at a time, for as long as that can help.
 *
 * Layer: delivery. Loaded with the first request. Does not know what a span is.
 */
import type { OtlpDestination } from '../config/config.ts';
import { type Clock, epochMillis, monotonicMillis } from '../core/clock.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import { degrade, describeCause } from '../core/guard.ts';
import type { Account, DropReason, Signal } from './account.ts';
import { type Attempt, Attempts } from './attempts.ts';
import { Books } from './books.ts';
import { Ceiling } from './ceiling.ts';
import { type Cause, isHopeless } from './cause.ts';
import { Drains, type DrainStatus } from './drains.ts';
import { type ExitRequest, toExitRequest } from './exit-request.ts';
import type { Outbox, Parcel } from './outbox.ts';
import { type OutageReport, outages } from './outages.ts';
import { Pace } from './pace.ts';
import { createPause, type Pause, RETRY_BUDGET_MILLIS } from './retry.ts';
import { secretsOf } from './secrets.ts';
import { loopTimer, type Timer } from './timer.ts';
import { createTransport, type Transport, type TransportResult } from './transport.ts';
import { resolveVerdict, type Verdict, type VerdictContext } from './verdict.ts';

/** What a drain achieved. */
export interface DrainResult {
  readonly status: DrainStatus;
  readonly queuedItems: number;
}

export interface SenderInput {
  readonly signal: Signal;
  readonly destination: OtlpDestination;
  readonly account: Account;
  readonly outbox: Outbox;
  /** Items of a full request, which is sent without waiting for more. */
  readonly fullItems: number;
  /** Called whenever a request was settled. */
  readonly onSettled?: () => void;
  /**
   * Asked when a request was refused for good: whether another one that says the same was put into the outbox. Then
   * nothing is lost, and nothing told. Default: no.
   */
  readonly replace?: (cause: Cause) => boolean;
  /** What a result means. Default: what it means by the OTLP specification. */
  readonly judge?: Judge;
  readonly report?: OutageReport;
  readonly environment?: Partial<SenderEnvironment>;
}

/** Judges one result. */
export type Judge = (result: TransportResult, context: VerdictContext) => Verdict;

/** What a sender needs from outside; replaced in tests. */
export interface SenderEnvironment {
  readonly transport: Transport;
  readonly now: Clock;
  readonly epochNow: Clock;
  readonly timer: Timer;
  readonly random: () => number;
}

/** Sends to one destination; nothing is opened before the first request. */
export class Sender {
  readonly #account: Account;
  readonly #outbox: Outbox;
  readonly #destination: OtlpDestination;
  readonly #fullItems: number;
  readonly #site: string;
  readonly #secrets: readonly string[];
  readonly #environment: SenderEnvironment;
  readonly #books: Books;
  readonly #pause: Pause;
  readonly #pace: Pace;
  readonly #attempts: Attempts;
  readonly #ceiling: Ceiling;
  readonly #drains = new Drains();
  readonly #replace: (cause: Cause) => boolean;
  readonly #judge: Judge;
  #isRunning = false;
  #isClosed = false;
  /** What waits is sent although it does not fill a request. */
  #isDue = false;
  #lastAcceptedAt = -Infinity;

  constructor(input: SenderInput) {
    const { signal, destination, account, outbox, fullItems, report = outages, environment } = input;
    this.#account = account;
    this.#outbox = outbox;
    this.#destination = destination;
    this.#fullItems = fullItems;
    this.#site = `delivery.${signal}`;
    this.#secrets = secretsOf(destination);
    this.#environment = {
      transport: environment?.transport ?? createTransport(destination),
      now: environment?.now ?? monotonicMillis,
      epochNow: environment?.epochNow ?? epochMillis,
      timer: environment?.timer ?? loopTimer,
      random: environment?.random ?? Math.random,
    };
    const { onSettled = () => undefined, replace = () => false, judge = resolveVerdict } = input;
    this.#replace = replace;
    this.#judge = judge;
    this.#books = new Books({ account, report, source: { signal, url: destination.url }, onSettled });
    this.#pause = createPause(this.#environment.timer);
    this.#pace = new Pace(this.#environment);
    this.#attempts = new Attempts(outbox);
    this.#ceiling = new Ceiling(destination.hourlyLimitBytes, this.#environment.epochNow);
  }

  /** Sends what makes a full request; all that waits if `isDue`. Never throws. */
  wake(isDue: boolean): void {
    this.#isDue ||= isDue;
    if (!this.#isRunning && !this.#isClosed) void this.#run();
  }

  /** Tries to send all by the deadline; what is left stays queued. Never rejects. */
  async drain(deadline: Deadline): Promise<DrainResult> {
    const status = this.#isClosed || this.#account.queuedItems() === 0 ? 'empty' : await this.#drain(deadline);
    return { status, queuedItems: this.#account.queuedItems() };
  }

  /** Counts items that were given up while they waited, and tells people. */
  overrun(items: number, bytes: number): void {
    this.#books.overrun({ items, bytes });
  }

  /** Counts items that were given up while they waited because of trouble with the destination, and tells people. */
  giveUp(
    items: number,
    bytes: number,
    { reason, cause }: { readonly reason: DropReason; readonly cause: Cause },
  ): void {
    this.#books.lost({ items, bytes }, reason, cause);
  }

  /**
   * Gives all requests out of hand, one under way included, and ends: at exit somebody else sends them. Each must be
   * settled.
   */
  takeForExit(): readonly ExitRequest[] {
    this.#isClosed = true;
    // A process may survive its end: nothing must be sent twice then.
    this.#environment.transport.close();
    this.#pause.wake();
    return [...this.#takeAll(this.#fullItems)].flatMap((parcel) => this.#toExitRequest(parcel));
  }

  /** Ends delivery at once: requests are aborted, what is queued is dropped and counted. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#books.closed();
    for (const parcel of this.#takeAll(Infinity)) this.#books.unfinished(parcel);
    this.#environment.transport.close();
    this.#pause.wake();
    this.#drains.endWithin(Infinity);
    this.#books.end();
  }

  /** Takes all out of hand, what waits included, but for what is superseded. */
  *#takeAll(items: number): Generator<Parcel> {
    for (const parcel of this.#attempts.takeAll(items)) {
      if (parcel.isSuperseded) this.#books.dropped(parcel, 'superseded');
      else yield parcel;
    }
  }

  #drain(deadline: Deadline): Promise<DrainStatus> {
    const ended = this.#drains.wait(deadline);
    this.#pace.drainBegins();
    const { askedMillis } = this.#pace;
    if (askedMillis <= 0) this.#pause.wake();
    else this.#drains.endWithin(askedMillis);
    this.wake(true);
    return ended;
  }

  #toExitRequest(parcel: Parcel): ExitRequest[] {
    try {
      const request = toExitRequest(parcel, this.#destination, (outcome, rejectedItems = 0) => {
        if (outcome === 'sent') this.#books.acceptedAtExit(parcel, rejectedItems);
        else this.#books.dropped(parcel, 'closed');
      });
      return [request];
    } catch (cause) {
      degrade(this.#site, cause);
      this.#books.dropped(parcel, 'unencodable');
      return [];
    }
  }

  /** Sends until nothing is due. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    for (;;) {
      const { ready } = this.#outbox;
      if (ready !== undefined) await ready;
      const attempt = this.#isClosed ? undefined : this.#next();
      if (attempt === undefined) break;
      const delayMillis = await this.#try(attempt);
      if (delayMillis > 0 && !this.#isClosed) await this.#pause.wait(delayMillis);
    }
    this.#isRunning = false;
    this.#drains.endEmpty();
  }

  /** What to try next, if anything is due. */
  #next(): Attempt | undefined {
    for (let { first } = this.#attempts; first?.parcel.isSuperseded; { first } = this.#attempts) {
      this.#attempts.shift();
      this.#books.dropped(first.parcel, 'superseded');
    }
    if (this.#attempts.first !== undefined) this.#attempts.divide(this.#pace.maxItems);
    while (this.#attempts.first === undefined && this.#isEnough()) this.#take();
    return this.#attempts.first;
  }

  #take(): void {
    this.#attempts.take(this.#requestItems());
    if (this.#outbox.waitingItems === 0) this.#isDue = false;
    const { first } = this.#attempts;
    if (first === undefined || this.#ceiling.admit(first.parcel.bytes)) return;
    this.#attempts.shift();
    this.#books.overCeiling(first.parcel);
  }

  #isEnough(): boolean {
    const { waitingItems } = this.#outbox;
    return waitingItems >= this.#fullItems || (waitingItems > 0 && (this.#isDue || this.#drains.isAny));
  }

  #requestItems(): number {
    return Math.min(this.#fullItems, this.#pace.maxItems);
  }

  /** Tries the first attempt; gives the delay until the next try. Never rejects. */
  async #try(attempt: Attempt): Promise<number> {
    const { transport, now, epochNow } = this.#environment;
    if (attempt.firstTriedAt !== undefined) this.#books.retried(attempt.parcel);
    attempt.firstTriedAt ??= now();
    try {
      const { bytes, contentType } = attempt.parcel.body();
      const result = await transport.post(bytes, contentType, createDeadline(this.#destination.timeoutMillis));
      // Closed meanwhile: the parcel is in other hands, or dropped and counted already.
      if (this.#isClosed) return 0;
      return this.#follow(attempt, this.#judge(result, { secrets: this.#secrets, nowMillis: epochNow() }));
    } catch (cause) {
      degrade(this.#site, cause);
      if (this.#attempts.first === attempt) this.#attempts.shift();
      this.#books.lost(attempt.parcel, 'rejected', { kind: 'request', code: 'internal', text: describeCause(cause) });
      return 0;
    }
  }

  /** Does what a verdict demands; gives the delay until the next try. */
  #follow(attempt: Attempt, verdict: Verdict): number {
    if (verdict.status === 'accepted') return this.#accept(attempt, verdict);
    return verdict.status === 'retryable' ? this.#keep(attempt, verdict) : this.#reject(attempt, verdict);
  }

  #accept({ parcel }: Attempt, { rejectedItems, message }: Verdict & { status: 'accepted' }): number {
    this.#attempts.shift();
    this.#pace.accepted();
    this.#lastAcceptedAt = this.#environment.now();
    this.#books.accepted(parcel, rejectedItems, message);
    return 0;
  }

  #reject({ parcel }: Attempt, { cause }: Verdict & { status: 'rejected' }): number {
    if (cause.kind === 'size' && this.#attempts.halve()) return 0;
    this.#attempts.shift();
    if (this.#replace(cause)) {
      this.#books.dropped(parcel, 'superseded');
      return 0;
    }
    this.#books.lost(parcel, 'rejected', cause);
    if (!isHopeless(cause)) return 0;
    // The next parcel would be refused for the same reason: better it waits for someone to mend that.
    const delay = this.#pace.failed({ isHopeless: true, retryAfterMillis: undefined, isDraining: false });
    this.#drains.endWithin(Infinity);
    return delay.millis;
  }

  #keep(attempt: Attempt, { cause, retryAfterMillis }: Verdict & { status: 'retryable' }): number {
    const failure = { isHopeless: isHopeless(cause), retryAfterMillis, isDraining: this.#drains.isAny };
    const delay = this.#pace.failed(failure);
    this.#books.failing(cause, false);
    attempt.askedWaitMillis += delay.askedMillis;
    const spentMillis = this.#environment.now() + delay.millis - (attempt.firstTriedAt ?? 0) - attempt.askedWaitMillis;
    if (spentMillis > RETRY_BUDGET_MILLIS) this.#putAside(attempt, cause);
    this.#drains.endWithin(failure.isHopeless ? Infinity : delay.millis);
    return delay.millis;
  }

  /**
   * A request that alone is never accepted must not stand in the way of the others for ever; in an outage, however, it
   * is no worse than they are. So another one is tried, and if that is accepted, this one was to blame.
   */
  #putAside({ parcel, firstTriedAt = Infinity }: Attempt, cause: Cause): void {
    if (this.#lastAcceptedAt <= firstTriedAt) {
      this.#attempts.putAside(this.#requestItems());
      return;
    }
    this.#attempts.shift();
    this.#books.lost(parcel, 'expired', cause);
  }
}
