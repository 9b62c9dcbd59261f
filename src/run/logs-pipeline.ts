/**
 * Log records of one run: the official provider, what is added to each record, the user's processors, destinations.
 *
 * The provider is loaded with the first logger that emits a record.
 * Layer: run.
 */
import { createRequire } from 'node:module';
import { createNoopLogger, type LoggerProvider } from '@opentelemetry/api';
import { isPresent } from '../core/is-present.ts';
import { once } from '../core/once.ts';
import type { TraceLinksConfig } from '../config/config.ts';
import type * as LogsModule from '../logs/provider.ts';
import type * as TraceLinks from '../logs/trace-links.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpLogProcessor } from '../outputs/otlp.ts';
import { createRequestLogProcessor } from '../request/log-processor.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import { createPipeline, flushMade, type PipelinesInput, type SignalPipeline } from './signal-pipeline.ts';

const load = createRequire(import.meta.url);

/** @param feed - takes records as Sentry's logs, if that is asked for */
export function createLogsPipeline(
  input: PipelinesInput,
  feed: SentryFeed | undefined,
): SignalPipeline<LoggerProvider> {
  const { config, options, resource, onPending } = input;
  const { batch: limits, console, recordsPerSecond } = config.logs;
  const destinations = destinationsOf(config.logs);
  const sending =
    destinations.length === 0 ? undefined : new OtlpLogProcessor({ destinations, limits, onPending, recordsPerSecond });
  const printer = console ? createPrinter() : undefined;
  const { logRecordProcessors = [] } = options;
  const sdk = once(() => {
    const { createLogs } = load('../logs/provider.ts') as typeof LogsModule;
    // Request and link come first, so that the user's own processors have it too. The one that sends is asked last whether
    // it wants a record: with a rate limit it refuses, and counts, what nobody else wants.
    const additions = [createRequestLogProcessor(), createLinker(config.traceLinks)];
    const sentry = feed?.createLogProcessor();
    const processors = [...additions, ...logRecordProcessors, printer, sentry, sending].filter(isPresent);
    return createLogs({ config: config.logs, resource: resource(), processors });
  });
  // Processors of the user's are told of flush and shutdown, records or not.
  if (logRecordProcessors.length > 0) sdk.get();
  const outputs = sending?.outputs ?? [];
  // Loggers of the application ask for each line.
  const isWanted = sending !== undefined || printer !== undefined || logRecordProcessors.length > 0;
  return {
    provider: { getLogger: (...scope) => (isWanted ? sdk.get().getLogger(...scope) : createNoopLogger()) },
    outputs,
    pipeline: createPipeline(flushMade(sdk), outputs),
  };
}

function createLinker({
  urlTemplate,
  inLogs,
}: TraceLinksConfig): ReturnType<typeof TraceLinks.createTraceLinker> | undefined {
  if (!inLogs || urlTemplate === undefined) return undefined;
  return (load('../logs/trace-links.ts') as typeof TraceLinks).createTraceLinker(urlTemplate);
}

function createPrinter(): ReturnType<typeof ConsoleOutputs.createConsoleLogProcessor> {
  return (load('../outputs/console.ts') as typeof ConsoleOutputs).createConsoleLogProcessor();
}
