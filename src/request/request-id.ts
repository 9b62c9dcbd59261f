/**
 * Ids of requests: which are taken over from clients, and how new ones are made.
 *
 * Layer: request.
 */

import type * as Crypto from 'node:crypto';

/** What proxies and clients send in practice: UUID, ULID, hex, base64, the ids of AWS and nginx. Nothing that could break a log line. */
const SANE = /^[\w.~:/+=@-]{1,128}$/;

/** Whether an id that came with a request can be kept. */
export function isSaneRequestId(offered: unknown): offered is string {
  return typeof offered === 'string' && SANE.test(offered);
}

let crypto: typeof Crypto | undefined;

/** A new id, a UUID of version 4. The first one loads `node:crypto`. */
export function createRequestId(): string {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto.randomUUID();
}
