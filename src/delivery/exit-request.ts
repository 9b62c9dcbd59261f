/**
 * A request that is ready to leave without the event loop.
 *
 * Layer: delivery.
 */
import type { OtlpDestination, TlsFiles } from '../config/config.ts';
import { addressesOf } from './address.ts';
import { requestHeaders } from './connection.ts';
import type { Parcel } from './outbox.ts';

/** What became of a request at the exit. `dropped`: not known to have been accepted. */
export type ExitOutcome = 'sent' | 'dropped';

/** One POST, complete, with the items it carries. */
export interface ExitRequest {
  /** `http:` or `https:`. */
  readonly url: string;
  /** All but `host`, `connection` and `content-length`. May hold credentials: never print. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Spans, metrics or log records in the body. */
  readonly items: number;
  readonly tls: TlsFiles;
  /** Longest time this request may take, within the budget of the exit. */
  readonly timeoutMillis: number;
  /** `http://` address of the proxy, perhaps with a credential: never print. */
  readonly proxy?: string;
  /** IP address of the host, or of the proxy, when it was resolved ahead: look-ups share a thread pool that may be busy. */
  readonly address?: string;
  /**
   * Told exactly once what became of the items.
   *
   * @param rejectedItems - of `sent`: items the destination left out. Default: 0
   */
  settle(outcome: ExitOutcome, rejectedItems?: number): void;
}

/** The request a queued parcel would have been. */
export function toExitRequest(
  parcel: Parcel,
  { url, tls, timeoutMillis, headers, proxy }: OtlpDestination,
  settle: ExitRequest['settle'],
): ExitRequest {
  const { bytes, contentType } = parcel.body();
  const address = addressesOf(proxy ?? url)?.reachable;
  return {
    url,
    tls,
    timeoutMillis,
    headers: requestHeaders({ headers }, contentType),
    body: bytes,
    items: parcel.items,
    ...(proxy !== undefined && { proxy }),
    ...(address !== undefined && { address }),
    settle,
  };
}
