/** What tests read of `status().destinations`, and the identity every entry holds at any time (DESIGN §1.2). */
import assert from 'node:assert/strict';

/** Items or bytes by the reason they were dropped for. */
export type ByReason = Readonly<Record<string, number>>;

/** One signal at one destination. */
export interface Delivery {
  readonly signal: string;
  readonly url: string;
  readonly state: string;
  readonly madeItems: number;
  readonly sentItems: number;
  readonly queuedItems: number;
  readonly droppedItems: ByReason;
  readonly retriedItems: number;
  readonly madeBytes: number;
  readonly sentBytes: number;
  readonly queuedBytes: number;
  readonly droppedBytes: ByReason;
  readonly lastError?: string | undefined;
}

/** Everything dropped, for whatever reason. */
export function totalOf(dropped: ByReason): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/** made = sent + dropped + queued, in items. */
export function assertItemsBalance({ madeItems, sentItems, queuedItems, droppedItems, signal }: Delivery): void {
  assert.equal(madeItems, sentItems + totalOf(droppedItems) + queuedItems, `items of ${signal}`);
  for (const count of [madeItems, sentItems, queuedItems, ...Object.values(droppedItems)])
    assert.ok(Number.isSafeInteger(count) && count >= 0, `items of ${signal}: ${count}`);
}

/** made = sent + dropped + queued, in bytes; nothing queued or dropped is without size. */
export function assertBytesBalance(delivery: Delivery): void {
  const { signal, madeBytes, sentBytes, queuedBytes, droppedBytes, queuedItems } = delivery;
  assert.equal(madeBytes, sentBytes + totalOf(droppedBytes) + queuedBytes, `bytes of ${signal}`);
  for (const count of [madeBytes, sentBytes, queuedBytes, ...Object.values(droppedBytes)])
    assert.ok(Number.isSafeInteger(count) && count >= 0, `bytes of ${signal}: ${count}`);
  assert.equal(queuedBytes > 0, queuedItems > 0, `${queuedItems} items of ${signal} wait with ${queuedBytes} bytes`);
}
