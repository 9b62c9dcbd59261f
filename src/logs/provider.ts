/**
 * Logs: the official logger provider.
 *
 * A record carries the ids of the span it is emitted in; the SDK reads them from the active context.
 * Layer: logs.
 */
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider, type LogRecordLimits, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { LogsConfig } from '../config/config.ts';

/** What a logger provider is made of. */
export interface LogsInput {
  readonly config: LogsConfig;
  readonly resource: Resource;
  /** In order: the user's own see each record before ours do. */
  readonly processors: LogRecordProcessor[];
}

/** Makes the logger provider of one run. */
export function createLogs({ config, resource, processors }: LogsInput): LoggerProvider {
  const { attributeCountLimit, attributeValueLengthLimit } = config.limits;
  const logRecordLimits: LogRecordLimits =
    attributeValueLengthLimit === undefined
      ? { attributeCountLimit }
      : { attributeCountLimit, attributeValueLengthLimit };
  const { minimumSeverity } = config;
  return new LoggerProvider({
    resource,
    logRecordLimits,
    processors,
    // Asked before a record is made, by loggers of the application too.
    ...(minimumSeverity !== undefined && {
      loggerConfigurator: () => ({ enabled: true, minimumSeverity, traceBased: false }),
    }),
  });
}
