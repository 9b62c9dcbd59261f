/**
 * Where what is made for Sentry goes, as those who make it see it.
 *
 * Layer: sentry.
 */
import type { SentryDsn } from '../config/config.ts';
import type { SentryIdentity } from './identity.ts';

/** Header and payload of one item of an envelope; the payload becomes JSON, and has no secrets any more. */
export type SinkItem = readonly [header: Readonly<Record<string, unknown>>, payload: unknown];

/** Queues one envelope: written and delivered further down. Synchronous, never throws. */
export type SentrySink = (header: Readonly<Record<string, unknown>>, items: readonly SinkItem[]) => void;

/** What is said about the process and its project in every item. */
export interface SinkIdentity extends SentryIdentity {
  readonly dsn: SentryDsn;
}
