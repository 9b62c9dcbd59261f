/**
 * The way to Sentry for what is no error: transactions, metrics, logs and check-ins of one run.
 *
 * Layer: sentry. Loaded at start-up when there is a DSN.
 */
import { createRequire } from 'node:module';
import type { Attributes } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../config/config.ts';
import { guard } from '../core/guard.ts';
import type { SentryOutput } from '../outputs/sentry-output.ts';
import type * as envelopeModule from './envelope.ts';
import { identityOf } from './identity.ts';
import type * as itemsModule from './items.ts';
import type { SentryItems } from './items.ts';
import type * as logProcessorModule from './log-processor.ts';
import type { SentrySink, SinkIdentity } from './sink.ts';
import type * as transactionsModule from './transactions.ts';

const load = createRequire(import.meta.url);

export interface SentryFeedInput {
  readonly config: SentryConfig;
  /** Attributes of the resource. */
  readonly resource: () => Attributes;
  readonly output: SentryOutput;
  /** Called when anything waits. */
  readonly onPending: () => void;
}

export class SentryFeed {
  readonly #input: SentryFeedInput;
  #identity: SinkIdentity | undefined;
  #items: SentryItems | undefined;

  constructor(input: SentryFeedInput) {
    this.#input = input;
  }

  /** Metrics, logs and check-ins; loaded with the first. */
  get items(): SentryItems {
    if (this.#items === undefined) {
      const { SentryItems } = load('./items.ts') as typeof itemsModule;
      const { onPending } = this.#input;
      this.#items = new SentryItems({ sink: this.#sink, identity: this.#identify(), createId, onPending });
    }
    return this.#items;
  }

  /** Sends spans as transactions; `undefined` unless that is asked for. */
  createTransactions(): SpanProcessor | undefined {
    const { config } = this.#input;
    if (config.traces !== 'transactions' || config.tracesSampleRate === 0) return undefined;
    const { SentryTransactions } = load('./transactions.ts') as typeof transactionsModule;
    return new SentryTransactions({ config, identity: () => this.#identify(), sink: this.#sink, createId });
  }

  /** Sends log records; `undefined` unless that is asked for. */
  createLogProcessor(): LogRecordProcessor | undefined {
    const { logs } = this.#input.config;
    if (logs === 'off') return undefined;
    const { SentryLogProcessor } = load('./log-processor.ts') as typeof logProcessorModule;
    return new SentryLogProcessor(logs, () => this.items);
  }

  /** Whether anything is not handed to the output yet. */
  get isWaiting(): boolean {
    return (this.#items?.waitingItems ?? 0) > 0;
  }

  /** Hands everything to the output; synchronous. Never throws. */
  flush(): void {
    guard('sentry.items', () => this.#items?.flush(), undefined);
  }

  #identify(): SinkIdentity {
    const { config, resource } = this.#input;
    this.#identity ??= { dsn: config.dsn, ...identityOf(config, resource()) };
    return this.#identity;
  }

  readonly #sink: SentrySink = (header, items) => {
    guard(
      'sentry.items',
      () => {
        const { categoryOf, writeEnvelope } = load('./envelope.ts') as typeof envelopeModule;
        const bytes = items.map(([itemHeader, payload]) => [itemHeader, Buffer.from(JSON.stringify(payload))] as const);
        this.#input.output.add(categoryOf([header, items]), writeEnvelope([header, bytes]));
      },
      undefined,
    );
  };
}

function createId(): string {
  return process.getBuiltinModule('node:crypto').randomUUID().replaceAll('-', '');
}
