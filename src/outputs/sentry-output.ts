/**
 * Envelopes to Sentry: the half that is there from the start, and the door to the half that is not.
 *
 * The log and the network are loaded with the first envelope, because most runs of a program have no error.
 * Layer: outputs. Loaded at start-up when there is a DSN.
 */
import { createRequire } from 'node:module';
import type { OtlpDestination, SentryConfig } from '../config/config.ts';
import { projectUrl } from '../config/dsn.ts';
import { guard } from '../core/guard.ts';
import { VERSION } from '../core/version.ts';
import { DestinationOutput } from './destination-output.ts';
import type * as sentryLogModule from './sentry-log.ts';
import type { SentryCategory, SentryLog } from './sentry-log.ts';

const load = createRequire(import.meta.url);

/** Longest time one request may take. */
const TIMEOUT_MILLIS = 10_000;

export class SentryOutput {
  /** Delivery, account and drain, as of every other destination. */
  readonly output: DestinationOutput;
  readonly #onPending: () => void;
  #log: SentryLog | undefined;

  /** @param onPending - called when `output.isPending` may have changed */
  constructor(config: SentryConfig, onPending: () => void) {
    this.#onPending = onPending;
    this.output = new DestinationOutput({
      signal: 'sentry',
      destination: destinationOf(config),
      // Sentry takes one event in an envelope, and an envelope is a request.
      fullItems: 1,
      outbox: () => this.#open(),
      onPending,
      judge: (result, context) => this.#open().judge(result, context),
    });
  }

  /**
   * Queues an envelope and has it sent; synchronous. Never throws.
   *
   * @param envelope - complete, but for `sent_at`
   */
  add(category: SentryCategory, envelope: Uint8Array): void {
    guard('outputs.sentry', () => this.#add(category, envelope), undefined);
  }

  #add(category: SentryCategory, envelope: Uint8Array): void {
    if (this.output.isClosed) return this.output.refuse(1, 'closed');
    this.#open().append(category, envelope);
    this.output.account.made(1, envelope.length);
    this.#onPending();
    this.output.wake(true);
  }

  #open(): SentryLog {
    if (this.#log === undefined) {
      const { SentryLog } = load('./sentry-log.ts') as typeof sentryLogModule;
      this.#log = new SentryLog({
        overrun: (items, bytes) => this.output.overrun(items, bytes),
        giveUp: (...all) => this.output.giveUp(...all),
      });
    }
    return this.#log;
  }
}

/** Source: develop.sentry.dev, “Authentication”. */
function destinationOf({ dsn, proxy }: SentryConfig): OtlpDestination {
  return {
    url: `${projectUrl(dsn)}envelope/`,
    headers: {
      'x-sentry-auth': `Sentry sentry_version=7, sentry_client=duotel/${VERSION}, sentry_key=${dsn.publicKey}`,
    },
    protocol: 'http/json',
    compression: 'none',
    timeoutMillis: TIMEOUT_MILLIS,
    tls: {},
    ...(proxy !== undefined && { proxy }),
  };
}
