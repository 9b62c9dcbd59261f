/**
 * Log records of the application on their way to Sentry, from a level on.
 *
 * Layer: sentry. Loaded at start-up when `DUOTEL_SENTRY_LOGS` asks for it.
 */
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { guard } from '../core/guard.ts';
import type { SentryItems } from './items.ts';
import { levelOf, SEVERITIES, type SentryLogLevel } from './log-levels.ts';

/** A record keeps the trace, the time and the severity it was written with. */
export class SentryLogProcessor implements LogRecordProcessor {
  readonly #least: number;
  readonly #items: () => SentryItems;

  constructor(level: SentryLogLevel, items: () => SentryItems) {
    this.#least = SEVERITIES[level];
    this.#items = items;
  }

  /** Asked before a record is made. */
  enabled({ severityNumber }: { readonly severityNumber?: number }): boolean {
    return SEVERITIES[levelOf(severityNumber)] >= this.#least;
  }

  onEmit(record: ReadableLogRecord): void {
    const level = levelOf(record.severityNumber);
    if (SEVERITIES[level] >= this.#least) guard('sentry.logs', () => this.#send(record, level), undefined);
  }

  async forceFlush(): Promise<void> {
    this.#items().flush();
  }

  async shutdown(): Promise<void> {}

  #send(record: ReadableLogRecord, level: SentryLogLevel): void {
    const { severityNumber, body, attributes, hrTime, spanContext, instrumentationScope } = record;
    this.#items().log({
      level,
      severityNumber: severityNumber || undefined,
      message: body ?? '',
      attributes: { ...attributes, 'logger.name': instrumentationScope.name || undefined },
      seconds: hrTimeToMilliseconds(hrTime) / 1000,
      span: spanContext,
    });
  }
}
