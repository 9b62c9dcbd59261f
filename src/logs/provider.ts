/**
 * Logs: the official logger provider with a batch processor for each destination.
 *
 * A record carries the ids of the span it is emitted in; the SDK reads them from the active context.
 * Layer: logs. The batch processor stands where the log and its cursors will be (docs/explanation/architecture.md).
 */
import type { Resource } from '@opentelemetry/resources';
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
  type LogRecordLimits,
  type LogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import type { LogsConfig } from '../config/config.ts';

/** What a logger provider is made of. */
export interface LogsInput {
  readonly config: LogsConfig;
  readonly resource: Resource;
  /** One per destination. */
  readonly exporters: readonly LogRecordExporter[];
  /** The user's own; they see each record before ours do. */
  readonly processors: readonly LogRecordProcessor[];
}

/** Makes the logger provider of one run. */
export function createLogs({ config, resource, exporters, processors }: LogsInput): LoggerProvider {
  const ours = exporters.map((exporter) => createBatchLogRecordProcessor(exporter, config.batch));
  const { attributeCountLimit, attributeValueLengthLimit } = config.limits;
  const logRecordLimits: LogRecordLimits =
    attributeValueLengthLimit === undefined
      ? { attributeCountLimit }
      : { attributeCountLimit, attributeValueLengthLimit };
  return new LoggerProvider({ resource, logRecordLimits, processors: [...processors, ...ours] });
}

/** Makes the processor that carries log records to one destination. */
export function createBatchLogRecordProcessor(
  exporter: LogRecordExporter,
  batch: LogsConfig['batch'],
): LogRecordProcessor {
  return new BatchLogRecordProcessor({
    exporter,
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: Math.min(batch.maxExportBatchSize, batch.maxQueueSize),
    scheduledDelayMillis: batch.scheduleDelayMillis,
    exportTimeoutMillis: batch.exportTimeoutMillis,
  });
}
