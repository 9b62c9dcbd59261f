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
  /** IP address of the host, when it was resolved ahead: look-ups share a thread pool that may be busy. */
  readonly address?: string;
  /** Told exactly once what became of the items. */
  settle(outcome: ExitOutcome, rejectedItems?: number): void;
}

/** The request a queued parcel would have been. */
export function toExitRequest(
  parcel: Parcel,
  { url, tls, timeoutMillis, headers }: OtlpDestination,
  settle: ExitRequest['settle'],
): ExitRequest {
  const { bytes, contentType } = parcel.body();
  const address = addressesOf(url)?.reachable;
  return {
    url,
    tls,
    timeoutMillis,
    headers: requestHeaders({ headers }, contentType),
    body: bytes,
    items: parcel.items,
    ...(address !== undefined && { address }),
    settle,
  };
}
