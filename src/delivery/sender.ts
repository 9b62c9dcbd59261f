/**
 * Brings the requests of one signal to one destination, in order, one at a time, for as long as that can help.
 *
 * What becomes of each item is written into the account; what people should know goes to the outage report.
 * Layer: delivery. Loaded with the first request. Does not know what a span is.
 */
import type { OtlpDestination } from '../config/config.ts';
import { type Clock, epochMillis, monotonicMillis } from '../core/clock.ts';
import { createDeadline, type Deadline, withinDeadline } from '../core/deadline.ts';
import { degrade, describeCause } from '../core/guard.ts';
import type { Account, DropReason, Signal } from './account.ts';
import { Backlog, type Parcel } from './backlog.ts';
import { type Cause, isHopeless } from './cause.ts';
import { type OutageReport, outages, type Source } from './outages.ts';
import {
  type Backoff,
  boundedRetryAfter,
  createBackoff,
  createPause,
  FIRST_DELAY_MILLIS,
  FIRST_DRAIN_DELAY_MILLIS,
  type Pause,
  RETRY_BUDGET_MILLIS,
} from './retry.ts';
import { secretsOf } from './secrets.ts';
import { loopTimer, type Timer } from './timer.ts';
import { type ExitRequest, toExitRequest } from './exit-request.ts';
import { createTransport, type Transport } from './transport.ts';
import { resolveVerdict, type Verdict } from './verdict.ts';

/** What became of a request. `queued`: neither yet, it is still being tried. */
export type Outcome =
  | { readonly status: 'accepted'; readonly rejectedItems: number }
  | { readonly status: 'dropped'; readonly reason: DropReason; readonly cause: string | undefined }
  | { readonly status: 'queued' };

/** What a drain achieved. `stuck`: the destination is in a state that more time would not change. */
export interface DrainResult {
  readonly status: 'empty' | 'stuck' | 'late';
  readonly queuedItems: number;
}

export interface Sender {
  /** Queues one body; resolves when its fate is settled, and never rejects. */
  send(body: Uint8Array, items: number, contentType: string): Promise<Outcome>;
  /** Tries to send all by the deadline; what is left stays queued. Never rejects. */
  drain(deadline: Deadline): Promise<DrainResult>;
  /** Whether anything is queued or under way. */
  readonly isPending: boolean;
  /**
   * Gives everything that is not accepted out of hand, a request under way included, and ends delivery: at exit somebody
   * else sends it. Each request must be settled.
   */
  takeForExit(): ExitRequest[];
  /** Ends delivery at once: requests are aborted, what is queued is dropped and counted. */
  close(): void;
}

export interface SenderInput {
  readonly signal: Signal;
  readonly destination: OtlpDestination;
  readonly account: Account;
  /** Most bytes that wait; when more come, the oldest are dropped. */
  readonly limitBytes: number;
  /** Whether a newer request makes the waiting ones pointless. Default: no. */
  readonly isSuperseding?: boolean;
  readonly report?: OutageReport;
  readonly environment?: Partial<SenderEnvironment>;
}

/** What a sender needs from outside; replaced in tests. */
export interface SenderEnvironment {
  readonly transport: Transport;
  readonly now: Clock;
  readonly epochNow: Clock;
  readonly timer: Timer;
  readonly random: () => number;
}

/** Makes a sender; nothing is opened before the first request. */
export function createSender(input: SenderInput): Sender {
  return new BacklogSender(input);
}

const OVERFLOW: Cause = { kind: 'slow', code: 'queue_full', text: 'telemetry is made faster than it is taken' };
/** Of what was queued at the end, at a destination that had not failed. */
const UNFINISHED: Cause = { kind: 'ended', code: 'closed', text: 'not delivered before the end' };

interface Drain {
  readonly deadline: Deadline;
  readonly end: (status: 'empty' | 'stuck') => void;
}

class BacklogSender implements Sender {
  readonly #account: Account;
  readonly #source: Source;
  readonly #destination: OtlpDestination;
  readonly #isSuperseding: boolean;
  readonly #secrets: readonly string[];
  readonly #report: OutageReport;
  readonly #environment: SenderEnvironment;
  readonly #backlog: Backlog;
  readonly #pause: Pause;
  readonly #backoff: Backoff;
  #drainBackoff: Backoff;
  readonly #drains = new Set<Drain>();
  #isRunning = false;
  #isClosed = false;
  /** No try before this monotonic time: the destination asked for it. */
  #askedUntil = -Infinity;
  #lastCause: Cause | undefined;

  constructor({
    signal,
    destination,
    account,
    limitBytes,
    isSuperseding = false,
    report = outages,
    environment,
  }: SenderInput) {
    this.#account = account;
    this.#source = { signal, url: destination.url };
    this.#destination = destination;
    this.#isSuperseding = isSuperseding;
    this.#secrets = secretsOf(destination);
    this.#report = report;
    this.#environment = {
      transport: environment?.transport ?? createTransport(destination),
      now: environment?.now ?? monotonicMillis,
      epochNow: environment?.epochNow ?? epochMillis,
      timer: environment?.timer ?? loopTimer,
      random: environment?.random ?? Math.random,
    };
    this.#backlog = new Backlog(limitBytes);
    this.#pause = createPause(this.#environment.timer);
    this.#backoff = createBackoff(FIRST_DELAY_MILLIS, this.#environment.random);
    this.#drainBackoff = this.#backoff;
    report.opened(this.#source);
  }

  send(body: Uint8Array, items: number, contentType: string): Promise<Outcome> {
    this.#account.made(items);
    return new Promise((settle) => {
      const parcel: Parcel = { body, items, contentType, settle, firstTriedAt: undefined, askedWaitMillis: 0 };
      if (this.#isClosed) return this.#drop(parcel, 'closed', undefined);
      if (this.#isSuperseding)
        for (const older of this.#backlog.takeWaiting()) this.#drop(older, 'superseded', undefined);
      this.#backlog.push(parcel);
      for (const older of this.#backlog.takeExcess()) this.#lose(older, 'queue_full', this.#lastCause ?? OVERFLOW);
      if (!this.#isRunning) void this.#run();
    });
  }

  async drain(deadline: Deadline): Promise<DrainResult> {
    if (this.#backlog.head === undefined) return { status: 'empty', queuedItems: 0 };
    const ended = new Promise<'empty' | 'stuck'>((end) => this.#drains.add({ deadline, end }));
    this.#drainBackoff = createBackoff(FIRST_DRAIN_DELAY_MILLIS, this.#environment.random);
    const askedMillis = this.#askedUntil - this.#environment.now();
    if (askedMillis <= 0) this.#pause.wake();
    else this.#endDrainsWithin(askedMillis);
    const raced = await withinDeadline(ended, deadline);
    for (const drain of this.#drains) if (drain.deadline === deadline) this.#drains.delete(drain);
    return { status: raced.status === 'done' ? raced.value : 'late', queuedItems: this.#backlog.items };
  }

  get isPending(): boolean {
    return this.#backlog.head !== undefined;
  }

  takeForExit(): ExitRequest[] {
    this.#isClosed = true;
    return this.#backlog.takeAll().map((parcel) =>
      toExitRequest(parcel, this.#destination, (outcome) => {
        if (outcome === 'sent') this.#account.sent(parcel.items, parcel.body.length);
        else this.#drop(parcel, 'closed', UNFINISHED.text);
      }),
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#account.closed();
    for (const parcel of this.#backlog.takeAll()) this.#lose(parcel, 'closed', this.#lastCause ?? UNFINISHED);
    this.#environment.transport.close();
    this.#pause.wake();
    this.#endDrainsWithin(Infinity);
    this.#report.closed(this.#source);
  }

  /** Sends what is queued until nothing is. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let head = this.#backlog.head; head !== undefined; head = this.#backlog.head) {
      const delayMillis = await this.#try(head);
      if (delayMillis > 0 && !this.#isClosed) await this.#pause.wait(delayMillis);
    }
    this.#isRunning = false;
    for (const drain of this.#drains) drain.end('empty');
  }

  /** Tries one parcel once; gives the delay until the next try. Never rejects. */
  async #try(parcel: Parcel): Promise<number> {
    const { transport, now, epochNow } = this.#environment;
    if (parcel.firstTriedAt !== undefined) this.#account.retried(parcel.items);
    parcel.firstTriedAt ??= now();
    try {
      this.#backlog.isHeadHeld = true;
      const result = await transport.post(
        parcel.body,
        parcel.contentType,
        createDeadline(this.#destination.timeoutMillis),
      );
      this.#backlog.isHeadHeld = false;
      // Closed meanwhile: the parcel is dropped and counted already.
      if (this.#isClosed) return 0;
      return this.#follow(parcel, resolveVerdict(result, { secrets: this.#secrets, nowMillis: epochNow() }));
    } catch (cause) {
      degrade(`delivery.${this.#source.signal}`, cause);
      this.#backlog.isHeadHeld = false;
      if (this.#backlog.head === parcel) this.#backlog.takeHead();
      this.#lose(parcel, 'rejected', { kind: 'request', code: 'internal', text: describeCause(cause) });
      return 0;
    }
  }

  /** Does what a verdict demands; gives the delay until the next try. */
  #follow(parcel: Parcel, verdict: Verdict): number {
    if (verdict.status === 'accepted') return this.#accept(parcel, verdict);
    if (verdict.status === 'retryable') return this.#keep(parcel, verdict);
    this.#backlog.takeHead();
    this.#lose(parcel, 'rejected', verdict.cause);
    if (!isHopeless(verdict.cause)) return 0;
    // The next parcel would be refused for the same reason: better it waits for someone to mend that.
    this.#endDrainsWithin(Infinity);
    return this.#backoff.nextMillis();
  }

  #accept(parcel: Parcel, { rejectedItems, message }: Verdict & { status: 'accepted' }): number {
    const leftOut = Math.min(rejectedItems, parcel.items);
    this.#backlog.takeHead();
    this.#backoff.reset();
    this.#lastCause = undefined;
    this.#account.sent(parcel.items - leftOut, parcel.body.length);
    if (leftOut > 0) {
      this.#account.dropped('rejected', leftOut);
      this.#report.leftOut(this.#source, leftOut, message);
    }
    this.#report.accepted(this.#source);
    parcel.settle({ status: 'accepted', rejectedItems: leftOut });
    return 0;
  }

  #keep(parcel: Parcel, { cause, retryAfterMillis }: Verdict & { status: 'retryable' }): number {
    const now = this.#environment.now();
    const isDraining = this.#drains.size > 0;
    const ownMillis = (isDraining ? this.#drainBackoff : this.#backoff).nextMillis();
    const askedMillis = retryAfterMillis === undefined ? 0 : boundedRetryAfter(retryAfterMillis);
    const delayMillis = Math.max(ownMillis, askedMillis);
    this.#askedUntil = now + askedMillis;
    this.#fail(cause, false);
    const spentMillis = now - (parcel.firstTriedAt ?? now) - parcel.askedWaitMillis;
    parcel.askedWaitMillis += askedMillis;
    if (spentMillis + ownMillis > RETRY_BUDGET_MILLIS) {
      this.#backlog.takeHead();
      this.#lose(parcel, 'expired', cause);
    }
    this.#endDrainsWithin(isHopeless(cause) ? Infinity : delayMillis);
    return delayMillis;
  }

  /** Ends the drains whose deadline comes before `delayMillis` is over: waiting for it would achieve nothing. */
  #endDrainsWithin(delayMillis: number): void {
    for (const drain of this.#drains) if (drain.deadline.remainingMillis() < delayMillis) drain.end('stuck');
  }

  #fail(cause: Cause, isLasting: boolean): void {
    this.#lastCause = cause;
    this.#account.failing(cause.text);
    this.#report.failed(this.#source, cause, isLasting);
  }

  /** Drops a parcel because of trouble, which people should hear of. */
  #lose(parcel: Parcel, reason: DropReason, cause: Cause): void {
    this.#fail(cause, true);
    this.#report.lost(this.#source, parcel.items);
    this.#drop(parcel, reason, cause.text);
  }

  #drop(parcel: Parcel, reason: DropReason, cause: string | undefined): void {
    this.#account.dropped(reason, parcel.items);
    parcel.settle({ status: 'dropped', reason, cause });
  }
}
