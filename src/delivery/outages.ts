/**
 * Turns failures of destinations into few lines for people.
 *
 * An outage belongs to an address, not to a signal: three signals that cannot reach one collector are one line. A
 * failure that heals by itself within seconds and loses nothing is no line at all. Then silence until recovery, but
 * for a reminder each hour.
 * Layer: delivery.
 */
import { type Clock, monotonicMillis } from '../core/clock.ts';
import { type Notice, notify, settleNotice } from '../core/notices.ts';
import { displayUrl, type Signal } from './account.ts';
import { type Cause, remedyOf } from './cause.ts';
import { loopTimer, type Timer } from './timer.ts';

/** One signal at one destination. */
export interface Source {
  readonly signal: Signal;
  /** Full URL; only what {@link displayUrl} leaves of it is shown. */
  readonly url: string;
}

/** A source that fails at present. */
interface Failure extends Source {
  readonly cause: Cause;
}

/** Where senders report; one instance serves all of them. */
export interface OutageReport {
  /** Announces a source, so that the last one to end can speak for all. */
  opened(source: Source): void;
  /** @param lastingly - the destination refused, or items are lost: worth a line although it may recover */
  failed(source: Source, cause: Cause, lastingly: boolean): void;
  /** Counts items given up during an outage. */
  lost(source: Source, items: number): void;
  accepted(source: Source): void;
  /** The destination accepted a request and left `items` of it out. */
  leftOut(source: Source, items: number, message: string): void;
  /** The source ends: what is still untold is told now. */
  closed(source: Source): void;
}

/** The report and its end. */
export interface Outages extends OutageReport {
  /**
   * Tells losses that still wait for their line: when the process ends there is no later.
   *
   * @returns how many lost items all lines until now have counted
   */
  tellLosses(): number;
}

/** How long a failure may last before it is told; retries heal the rest. */
const GRACE_MILLIS = 3000;
/** Signals that fail together are told together. */
const GATHER_MILLIS = 250;
const HOUR_MILLIS = 3_600_000;
/** Shortest time between the first lines of two outages of one address; doubles while it keeps failing, up to an hour. */
const FIRST_QUIET_MILLIS = 60_000;

/** What outages need from outside; replaced in tests. */
export interface OutageEnvironment {
  readonly now: Clock;
  readonly timer: Timer;
  readonly print: (notice: Notice) => void;
}

/** Notices of one key are printed once; whether a line is due is decided here. */
function printAgain(notice: Notice): void {
  settleNotice(notice.code, notice.key ?? notice.message);
  notify(notice);
}

/** Makes a report; nothing is printed before something fails. */
export function createOutages(environment: Partial<OutageEnvironment> = {}): Outages {
  const { now = monotonicMillis, timer = loopTimer, print = printAgain } = environment;
  const addresses = new Map<string, Address>();
  let toldLeftOutItems = 0;
  const addressOf = ({ url }: Source): Address => {
    const origin = URL.canParse(url) ? new URL(url).origin : url;
    const known = addresses.get(origin) ?? new Address(origin, { now, timer, print });
    addresses.set(origin, known);
    return known;
  };
  return {
    opened: (source) => addressOf(source).opened(source),
    failed: (source, cause, lastingly) => addressOf(source).failed(source, cause, lastingly),
    lost: (source, items) => addressOf(source).lost(items),
    accepted: (source) => addressOf(source).accepted(source),
    closed: (source) => addressOf(source).closed(source),
    tellLosses: () => {
      for (const address of addresses.values()) address.ending();
      return [...addresses.values()].reduce((sum, { toldItems }) => sum + toldItems, toldLeftOutItems);
    },
    leftOut: (source, items, message) => {
      const isTold = notify({
        code: 'DUOTEL_PARTIAL_SUCCESS',
        key: `${source.signal} ${displayUrl(source.url)}`,
        message: `${displayUrl(source.url)} accepted ${source.signal} but rejected ${describeCount(items)}: ${message || 'no reason given'}`,
      });
      if (isTold) toldLeftOutItems += items;
    },
  };
}

/** The report all destinations share. */
export const outages: Outages = createOutages();

/** Outages of one origin, one after the other. */
class Address {
  readonly #origin: string;
  readonly #environment: OutageEnvironment;
  readonly #open = new Set<Signal>();
  /** Signals that fail at present. */
  readonly #failing = new Map<Signal, { readonly url: string; readonly cause: Cause }>();
  /** Codes of causes this outage has a line for. */
  readonly #told = new Set<string>();
  #lostItems = 0;
  /** Of those, the ones that a recovery has told and the next outage does not count. */
  #settledItems = 0;
  #toldItems = 0;
  #cancelLine: (() => void) | undefined;
  #lineDueAt = Infinity;
  #lastLineAt = -Infinity;
  #quietMillis = FIRST_QUIET_MILLIS;

  constructor(origin: string, environment: OutageEnvironment) {
    this.#origin = origin;
    this.#environment = environment;
  }

  opened({ signal }: Source): void {
    this.#open.add(signal);
  }

  failed({ signal, url }: Source, cause: Cause, lastingly: boolean): void {
    const isReminder = this.#told.size > 0 && this.#environment.now() - this.#lastLineAt >= HOUR_MILLIS;
    if (isReminder) this.#told.clear();
    // A line in preparation tells the latest cause; one already printed is not corrected.
    const known = this.#failing.get(signal);
    if (known === undefined || !this.#told.has(known.cause.code)) this.#failing.set(signal, { url, cause });
    if (isReminder) this.#tell();
    else if (this.#untold().length > 0) this.#planLine(lastingly ? GATHER_MILLIS : GRACE_MILLIS);
  }

  lost(items: number): void {
    this.#lostItems += items;
  }

  accepted({ signal }: Source): void {
    if (!this.#failing.has(signal)) return;
    this.#tellLoss();
    this.#failing.delete(signal);
    // A signal that ended while it failed can no longer recover, and does not keep the others from it.
    if ([...this.#failing.keys()].every((failing) => !this.#open.has(failing))) this.#recover();
  }

  closed({ signal }: Source): void {
    this.#open.delete(signal);
    if (this.#open.size > 0) return;
    this.ending();
    this.#reset();
  }

  ending(): void {
    if (this.#unsettledItems > 0) this.#tell();
  }

  /** Lost items that lines have counted. */
  get toldItems(): number {
    return this.#toldItems;
  }

  get #unsettledItems(): number {
    return this.#lostItems - this.#settledItems;
  }

  /** A loss is told although the failure is over, unless this address has had its line for now. */
  #tellLoss(): void {
    if (this.#unsettledItems > 0 && this.#lineMayFollowAt() <= this.#environment.now()) this.#tell();
  }

  #recover(): void {
    if (this.#told.size > 0) {
      const items = this.#unsettledItems;
      const lost = items === 0 ? 'Nothing was lost.' : `Lost meanwhile: ${describeCount(items)}.`;
      const message = `${this.#origin} accepts telemetry again. ${lost}`;
      this.#environment.print({ code: 'DUOTEL_EXPORT_RECOVERED', key: this.#origin, message });
      this.#settledItems = this.#lostItems;
      this.#toldItems = this.#lostItems;
    }
    this.#reset();
  }

  #reset(): void {
    this.#cancelLine?.();
    this.#cancelLine = undefined;
    this.#lineDueAt = Infinity;
    this.#failing.clear();
    this.#told.clear();
  }

  #untold(): Failure[] {
    const failing = [...this.#failing].map(([signal, failure]) => ({ signal, ...failure }));
    return failing.filter(({ cause }) => !this.#told.has(cause.code));
  }

  /** A line for another cause of the same outage may follow at once; one for a new outage has to wait. */
  #lineMayFollowAt(): number {
    return this.#told.size > 0 ? -Infinity : this.#lastLineAt + this.#quietMillis;
  }

  #planLine(delayMillis: number): void {
    const now = this.#environment.now();
    const dueAt = Math.max(now + delayMillis, this.#lineMayFollowAt());
    if (dueAt >= this.#lineDueAt) return;
    this.#cancelLine?.();
    this.#lineDueAt = dueAt;
    this.#cancelLine = this.#environment.timer(() => this.#tell(), dueAt - now);
  }

  #tell(): void {
    this.#cancelLine?.();
    this.#cancelLine = undefined;
    this.#lineDueAt = Infinity;
    const untold = this.#untold();
    if (untold.length === 0) return;
    const now = this.#environment.now();
    const isFresh = now - this.#lastLineAt > HOUR_MILLIS;
    this.#quietMillis = isFresh ? FIRST_QUIET_MILLIS : Math.min(HOUR_MILLIS, 2 * this.#quietMillis);
    this.#lastLineAt = now;
    for (const code of new Set(untold.map(({ cause }) => cause.code))) {
      this.#told.add(code);
      this.#tellCause(untold.filter(({ cause }) => cause.code === code));
    }
  }

  #tellCause(failures: readonly Failure[]): void {
    const [first] = failures;
    if (first === undefined) return;
    const signals = failures.map(({ signal }) => signal).sort();
    const where = failures.length === 1 ? displayUrl(first.url) : this.#origin;
    const items = this.#unsettledItems;
    const lost = items === 0 ? '' : ` Lost so far: ${describeCount(items)}.`;
    this.#toldItems = this.#lostItems;
    this.#environment.print({
      code: 'DUOTEL_EXPORT_FAILED',
      key: `${this.#origin} ${first.cause.code}`,
      message: `${signals.join(', ')} not accepted by ${where}: ${first.cause.text}.${lost} ${remedyOf(first.cause, first.url)}`,
    });
  }
}

function describeCount(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
