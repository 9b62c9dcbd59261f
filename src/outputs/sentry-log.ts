/**
 * Envelopes that wait for Sentry: bounded, errors first, and left out while Sentry asks for none of their kind.
 *
 * Layer: outputs. Loaded with the first envelope.
 */
import type { Cursor } from '../delivery/cursor.ts';
import { ItemLog } from '../delivery/item-log.ts';
import type { ItemGroup, ItemParcel } from '../delivery/item-parcel.ts';
import type { Body, Outbox, Parcel } from '../delivery/outbox.ts';
import type { Judge, Sender } from '../delivery/sender.ts';
import { resolveVerdict } from '../delivery/verdict.ts';
import { ProtobufWriter } from '../encode/protobuf-writer.ts';
import { SentryLimits } from './sentry-limits.ts';

/** What Sentry limits together. Source: develop.sentry.dev, “Rate Limiting”, data categories. */
export type SentryCategory =
  | 'error'
  | 'transaction'
  | 'span'
  | 'session'
  | 'attachment'
  | 'monitor'
  | 'feedback'
  | 'profile'
  | 'log_item'
  | 'trace_metric'
  | 'default';

/** Most bytes that wait. Source: DESIGN §2. */
const LIMIT_BYTES = 4 * 2 ** 20;

/** Given up at once when the log is full. */
const STEP_BYTES = 2 ** 16;

const TOO_MANY = 429;

/** Whoever keeps the account. */
export interface SentryLogOwner {
  overrun(items: number, bytes: number): void;
  readonly giveUp: Sender['giveUp'];
}

/** Envelopes of one category stand under one object. */
interface Group {
  readonly category: SentryCategory;
}

export class SentryLog implements Outbox {
  readonly ready: undefined;
  readonly #owner: SentryLogOwner;
  readonly #log = new ItemLog({ maxBytes: LIMIT_BYTES, maxItems: undefined, stepBytes: STEP_BYTES });
  readonly #cursor: Cursor;
  readonly #writer = new ProtobufWriter();
  readonly #groups = new Map<SentryCategory, Group>();
  readonly #limits: SentryLimits;

  constructor(owner: SentryLogOwner, limits: SentryLimits = new SentryLimits()) {
    this.#owner = owner;
    this.#limits = limits;
    this.#cursor = this.#log.openCursor({
      frame,
      ready: undefined,
      overrun: (items, bytes) => owner.overrun(items, bytes),
    });
  }

  append(category: SentryCategory, envelope: Uint8Array): void {
    const group = this.#groups.get(category) ?? { category };
    this.#groups.set(category, group);
    const start = this.#writer.at;
    this.#writer.raw(envelope);
    this.#log.append(category === 'error' ? 'errors' : 'rest', this.#writer, start, group);
  }

  get waitingItems(): number {
    return this.#cursor.waitingItems;
  }

  /** The next envelope Sentry takes at present; the others before it are given up, as its protocol demands. */
  take(): Parcel | undefined {
    for (;;) {
      const parcel = this.#cursor.take({ items: 1, bytes: Infinity });
      if (parcel === undefined) return undefined;
      const limit = this.#limitOf(parcel);
      if (limit === undefined) return parcel;
      parcel.release();
      const cause = { kind: 'throttled', code: String(TOO_MANY), text: limit } as const;
      this.#owner.giveUp(parcel.items, parcel.bytes, { reason: 'rate_limited', cause });
    }
  }

  /**
   * What an answer means. Any answer may say that some kinds are not wanted for a while; what was refused for that is
   * not sent again, or everybody who was told to wait would come back at once.
   */
  readonly judge: Judge = (result, context) => {
    const verdict = resolveVerdict(result, context);
    if (result.status !== 'answered') return verdict;
    this.#limits.note(result);
    return verdict.status === 'retryable' && result.statusCode === TOO_MANY
      ? { status: 'rejected', cause: verdict.cause }
      : verdict;
  };

  #limitOf(parcel: ItemParcel): string | undefined {
    return this.#limits.describe((parcel.group as Group).category);
  }
}

/** The time of sending is part of an envelope: Sentry compares it with its own clock and corrects all other times by it. */
function frame(groups: readonly ItemGroup[]): Body {
  const [envelope] = groups.flatMap(({ slices }) => slices);
  const sentAt = Buffer.from(`{"sent_at":"${new Date().toISOString()}",`);
  // An envelope starts with the brace of its header, which is never empty.
  const bytes = Buffer.concat([sentAt, (envelope as Uint8Array).subarray(1)]);
  return { bytes, contentType: 'application/x-sentry-envelope' };
}
