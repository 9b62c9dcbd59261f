/** What tests of items for Sentry share. */
import assert from 'node:assert/strict';
import { SentryItems } from '../../../src/sentry/items.ts';
import { createVirtualTime } from '../delivery/virtual-time.ts';
import { sentryAt } from './span-support.ts';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const SPAN = 'b7ad6b7169203331';
export const OWN = 'a'.repeat(32);

export interface Sent {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: { readonly version: number; readonly items: readonly Record<string, unknown>[] };
}

export function createItems() {
  const time = createVirtualTime();
  const sent: Sent[] = [];
  let pending = 0;
  const items = new SentryItems({
    sink: (_, all) => sent.push(...all.map(([header, payload]) => ({ header, payload: payload as Sent['payload'] }))),
    identity: { dsn: sentryAt('http://127.0.0.1:9').dsn, environment: 'test', release: '1.2.3', serverName: 'host' },
    onPending: () => (pending += 1),
    createId: () => OWN,
    now: () => 1_700_000_000_500,
    timer: time.timer,
  });
  return { items, sent, time, pending: () => pending };
}

export const COMMON = {
  'sentry.environment': { value: 'test', type: 'string' },
  'sentry.release': { value: '1.2.3', type: 'string' },
  'sentry.sdk.name': { value: 'duotel', type: 'string' },
  'server.address': { value: 'host', type: 'string' },
};

export function withoutVersion(item: Record<string, unknown> | undefined): object {
  assert.ok(item);
  const { 'sentry.sdk.version': version, ...attributes } = item['attributes'] as Record<string, { type: string }>;
  assert.equal(version?.type, 'string');
  return { ...item, attributes };
}
