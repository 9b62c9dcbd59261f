/**
 * The account of one signal at one destination: what became of every item.
 *
 * `queued` is what is neither sent nor dropped, so `made = sent + dropped + queued` holds by construction.
 * Layer: delivery. Loaded at start-up, so it imports nothing heavy; read by `status()`.
 */

/** `sentry`: envelopes, each with an event or what else Sentry takes beside spans. */
export type Signal = 'traces' | 'metrics' | 'logs' | 'sentry';

/**
 * Why items were given up.
 *
 * - `rejected`: the destination does not want them, whole request or part of it
 * - `expired`: tried for the whole retry budget
 * - `queue_full`: newer items needed the space
 * - `ceiling`: more than the destination may be sent in an hour
 * - `rate_limited`: the destination asked to be sent none of this kind for a while
 * - `superseded`: a newer cumulative metric snapshot says the same and more
 * - `unencodable`: no valid OTLP can be made of them
 * - `closed`: still queued, or made, after the end of delivery
 */
export type DropReason =
  | 'rejected'
  | 'expired'
  | 'queue_full'
  | 'ceiling'
  | 'rate_limited'
  | 'superseded'
  | 'unencodable'
  | 'closed';

/** `unused`: nothing was sent yet. */
export type DeliveryState = 'unused' | 'healthy' | 'failing' | 'closed';

/** One signal at one destination, as `status()` shows it. At any time, `made = sent + dropped + queued`. */
export interface DeliveryStats {
  readonly signal: Signal;
  /** Without user info and query. */
  readonly url: string;
  readonly state: DeliveryState;
  readonly madeItems: number;
  /** Left out by the destination's own ratio or filter, or by a limit of log records: never made for it, so no part of the sum. */
  readonly filteredItems: number;
  readonly sentItems: number;
  readonly queuedItems: number;
  readonly droppedItems: Readonly<Record<DropReason, number>>;
  /** Items in requests that were repeated, once per repetition. */
  readonly retriedItems: number;
  /** Encoded, before compression, without what frames a request; items nothing can be made of have none. */
  readonly madeBytes: number;
  /** Of requests the destination accepted, what it left out of them included. */
  readonly sentBytes: number;
  readonly queuedBytes: number;
  readonly droppedBytes: Readonly<Record<DropReason, number>>;
  /** Cause of the latest failure, without secrets; kept after recovery. */
  readonly lastError: string | undefined;
}

/** The writable side of {@link DeliveryStats}. */
export interface Account {
  made(items: number, bytes: number): void;
  filtered(items: number): void;
  sent(items: number, bytes: number): void;
  dropped(reason: DropReason, items: number, bytes: number): void;
  retried(items: number): void;
  /** Notes the cause of a failure. */
  failing(cause: string): void;
  closed(): void;
  /** Items that are neither sent nor dropped; cheap. */
  queuedItems(): number;
  stats(): DeliveryStats;
}

/** Opens the account of `signal` at `url`, a full URL that may hold secrets. */
export function createAccount(signal: Signal, url: string): Account {
  const droppedItems = { ...NOTHING_DROPPED };
  const droppedBytes = { ...NOTHING_DROPPED };
  const made = { items: 0, bytes: 0 };
  const sent = { items: 0, bytes: 0 };
  const dropped = { items: 0, bytes: 0 };
  let filteredItems = 0;
  let retriedItems = 0;
  let state: DeliveryState = 'unused';
  let lastError: string | undefined;
  const queuedItems = (): number => made.items - sent.items - dropped.items;
  return {
    made: (items, bytes) => add(made, items, bytes),
    filtered: (items) => void (filteredItems += items),
    sent: (items, bytes) => {
      add(sent, items, bytes);
      if (state !== 'closed') state = 'healthy';
    },
    dropped: (reason, items, bytes) => {
      add(dropped, items, bytes);
      droppedItems[reason] += items;
      droppedBytes[reason] += bytes;
    },
    retried: (items) => void (retriedItems += items),
    failing: (cause) => {
      lastError = cause;
      if (state !== 'closed') state = 'failing';
    },
    closed: () => void (state = 'closed'),
    queuedItems,
    stats: () => ({
      signal,
      url: displayUrl(url),
      state,
      madeItems: made.items,
      filteredItems,
      sentItems: sent.items,
      queuedItems: queuedItems(),
      droppedItems: { ...droppedItems },
      retriedItems,
      madeBytes: made.bytes,
      sentBytes: sent.bytes,
      queuedBytes: made.bytes - sent.bytes - dropped.bytes,
      droppedBytes: { ...droppedBytes },
      lastError,
    }),
  };
}

const NOTHING_DROPPED: Readonly<Record<DropReason, number>> = {
  rejected: 0,
  expired: 0,
  queue_full: 0,
  ceiling: 0,
  rate_limited: 0,
  superseded: 0,
  unencodable: 0,
  closed: 0,
};

interface Volume {
  items: number;
  bytes: number;
}

function add(volume: Volume, items: number, bytes: number): void {
  volume.items += items;
  volume.bytes += bytes;
}

/** `url` as people may see it: no user info, query or fragment, which may hold credentials. */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return 'an unusable URL';
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
