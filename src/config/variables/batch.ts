/**
 * Variables of the batch processors of spans and log records.
 *
 * Layer: config.
 */
import type { BatchLimits } from '../config.ts';
import { count, millis } from '../kinds.ts';
import type { DefaultedVariable, Section, Variable } from '../variable.ts';

/** Variables of one batch processor, by the field of `BatchLimits` they fill. */
export interface BatchVariables extends Record<Exclude<keyof BatchLimits, 'maxQueueSize'>, DefaultedVariable<number>> {
  /** Without a default: what waits is bounded in bytes, so a number of items is only a wish. */
  readonly maxQueueSize: Variable<number>;
}

function batchVariables(prefix: string, section: Section, defaultDelayMillis: number): BatchVariables {
  const row = (suffix: string, standard: number, description: string): DefaultedVariable<number> => ({
    name: `${prefix}_${suffix}`,
    section,
    kind: suffix.includes('SIZE') ? count : millis,
    default: `${standard}`,
    description,
    source: 'otel-env',
  });
  return {
    scheduleDelayMillis: row(
      'SCHEDULE_DELAY',
      defaultDelayMillis,
      'Longest wait before a batch is sent, in milliseconds.',
    ),
    exportTimeoutMillis: row(
      'EXPORT_TIMEOUT',
      30_000,
      'Longest time of one request, in milliseconds; the shorter of this and OTEL_EXPORTER_OTLP_TIMEOUT holds. 0: no limit of its own.',
    ),
    maxQueueSize: {
      name: `${prefix}_MAX_QUEUE_SIZE`,
      section,
      kind: count,
      description: 'Most items that wait; more are dropped and counted. Unset: what waits is bounded in bytes only.',
      source: 'otel-env',
    },
    maxExportBatchSize: row('MAX_EXPORT_BATCH_SIZE', 512, 'Most items of one request.'),
  };
}

export const BSP: BatchVariables = batchVariables('OTEL_BSP', 'Traces', 5000);
export const BLRP: BatchVariables = batchVariables('OTEL_BLRP', 'Logs', 1000);

export const BATCH_VARIABLES: readonly Variable[] = [...Object.values(BSP), ...Object.values(BLRP)];
