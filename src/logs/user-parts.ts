/**
 * The user's log record processors, each behind a guard.
 *
 * Layer: logs. Loaded when `start()` was given one.
 */
import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { acceptParts, type PartKind, type UserPart } from '../core/user-part.ts';

type LogRecord = Parameters<LogRecordProcessor['onEmit']>[0];
type Enabled = NonNullable<LogRecordProcessor['enabled']>;

/** A processor whose `forceFlush()` does not hold up those beside it: waiting is done in `flushed()`. */
export type GuardedLogRecordProcessor = LogRecordProcessor & { flushed(): Promise<void> };

/** The log record processors, guarded. */
export function acceptLogRecordProcessors(given: unknown): GuardedLogRecordProcessor[] {
  return acceptParts('logRecordProcessors', given, LOG_RECORD_PROCESSOR);
}

class GuardedProcessor implements GuardedLogRecordProcessor {
  readonly #processor: LogRecordProcessor;
  readonly #part: UserPart;
  #flush: Promise<void> = Promise.resolve();
  /** Only there if the processor has it: without it, a processor wants everything. */
  enabled?: Enabled;

  constructor(processor: LogRecordProcessor, part: UserPart) {
    this.#processor = processor;
    this.#part = part;
    if (typeof processor.enabled === 'function') this.enabled = (query) => this.#enabled(query);
  }

  onEmit(record: LogRecord, context?: Context): void {
    try {
      const returned: unknown = this.#processor.onEmit(record, context);
      if (returned !== undefined) this.#part.watch(returned);
    } catch (cause) {
      this.#part.failed(cause);
    }
  }

  async forceFlush(): Promise<void> {
    this.#flush = this.#part.settle(() => this.#processor.forceFlush());
  }

  flushed(): Promise<void> {
    return this.#flush;
  }

  shutdown(): Promise<void> {
    return this.#part.settle(() => this.#processor.shutdown());
  }

  #enabled(query: Parameters<Enabled>[0]): boolean {
    try {
      return this.#processor.enabled?.(query) ?? true;
    } catch (cause) {
      this.#part.failed(cause);
      return true;
    }
  }
}

const LOG_RECORD_PROCESSOR: PartKind<LogRecordProcessor, GuardedLogRecordProcessor> = {
  noun: 'a LogRecordProcessor',
  methods: ['onEmit'],
  remaining: 'Other processors and destinations are not affected.',
  guard: (processor, part) => new GuardedProcessor(processor, part),
};
