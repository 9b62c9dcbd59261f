/**
 * The account of one signal at one destination: what became of every item.
 *
 * `queued` is what is neither sent nor dropped, so `made = sent + dropped + queued` holds by construction.
 * Layer: delivery. Loaded at start-up, so it imports nothing heavy; read by `status()`.
 */

export type Signal = 'traces' | 'metrics' | 'logs';

/**
 * Why items were given up.
 *
 * - `rejected`: the destination does not want them, whole request or part of it
 * - `expired`: tried for the whole retry budget
 * - `queue_full`: newer items needed the space
 * - `superseded`: a newer cumulative metric snapshot says the same and more
 * - `unencodable`: no valid OTLP can be made of them
 * - `closed`: still queued, or made, after the end of delivery
 */
export type DropReason = 'rejected' | 'expired' | 'queue_full' | 'superseded' | 'unencodable' | 'closed';

/** `unused`: nothing was sent yet. */
export type DeliveryState = 'unused' | 'healthy' | 'failing' | 'closed';

/** One signal at one destination, as `status()` shows it. */
export interface DeliveryStats {
  readonly signal: Signal;
  /** Without user info and query. */
  readonly url: string;
  readonly state: DeliveryState;
  readonly madeItems: number;
  readonly sentItems: number;
  readonly queuedItems: number;
  readonly droppedItems: Readonly<Record<DropReason, number>>;
  /** Items in requests that were repeated, once per repetition. */
  readonly retriedItems: number;
  /** Encoded, before compression, accepted by the destination. */
  readonly sentBytes: number;
  /** Cause of the latest failure, without secrets; kept after recovery. */
  readonly lastError: string | undefined;
}

/** The writable side of {@link DeliveryStats}. */
export interface Account {
  made(items: number): void;
  sent(items: number, bytes: number): void;
  dropped(reason: DropReason, items: number): void;
  retried(items: number): void;
  /** Notes the cause of a failure. */
  failing(cause: string): void;
  closed(): void;
  /** Items that are neither sent nor dropped; cheap enough to ask for each item. */
  queuedItems(): number;
  stats(): DeliveryStats;
}

/** Opens the account of `signal` at `url`, a full URL that may hold secrets. */
export function createAccount(signal: Signal, url: string): Account {
  const dropped = { rejected: 0, expired: 0, queue_full: 0, superseded: 0, unencodable: 0, closed: 0 };
  const total = { madeItems: 0, sentItems: 0, retriedItems: 0, sentBytes: 0 };
  let droppedTotal = 0;
  const queuedItems = (): number => total.madeItems - total.sentItems - droppedTotal;
  let state: DeliveryState = 'unused';
  let lastError: string | undefined;
  return {
    made: (items) => void (total.madeItems += items),
    sent: (items, bytes) => {
      total.sentItems += items;
      total.sentBytes += bytes;
      if (state !== 'closed') state = 'healthy';
    },
    dropped: (reason, items) => {
      dropped[reason] += items;
      droppedTotal += items;
    },
    retried: (items) => void (total.retriedItems += items),
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
      ...total,
      queuedItems: queuedItems(),
      droppedItems: { ...dropped },
      lastError,
    }),
  };
}

/** `url` as people may see it: no user info, query or fragment, which may hold credentials. */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return 'an unusable URL';
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
