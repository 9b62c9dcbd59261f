/**
 * The three signals of one run: provider in front, destinations behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { Deadline } from '../core/deadline.ts';
import { isPresent } from '../core/is-present.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import { createLogs } from '../logs/provider.ts';
import { createMetrics } from '../metrics/provider.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import {
  createOtlpLogProcessor,
  createOtlpMetricPush,
  createOtlpSpanProcessor,
  type OtlpOutput,
} from '../outputs/otlp.ts';
import { createScrape, type Scrape } from '../outputs/scrape.ts';
import { createTraces } from '../traces/provider.ts';
import type { Pipeline } from './handle.ts';
import type { FlushOutcome, TelemetryStatus } from './telemetry.ts';

const load = createRequire(import.meta.url);

/** What the pipelines are made from. */
export interface PipelinesInput {
  readonly config: Config;
  readonly options: StartOptions;
  readonly resource: Resource;
  readonly facts: ProcessFacts;
  /** Called when `pending()` may have changed. */
  readonly onPending: () => void;
}

/** The pipelines of one run. */
export interface Pipelines {
  readonly providers: {
    readonly trace: TracerProvider;
    readonly metrics: MeterProvider;
    readonly logs: LoggerProvider;
  };
  readonly signals: Readonly<Record<'traces' | 'metrics' | 'logs', Pipeline>>;
  readonly scrape: Scrape;
  readonly destinations: () => TelemetryStatus['destinations'];
  /** Whether anything is unsent; metrics are, as soon as there is an instrument. */
  readonly pending: () => boolean;
  /** Everything unsent but metrics, whose collection is asynchronous; synchronous, ends delivery. */
  readonly takeForExit: () => readonly ExitRequest[];
}

/** Makes providers and destinations, and starts pushing; nothing is connected before something is to be sent. */
export function createPipelines(input: PipelinesInput): Pipelines {
  const traces = createTracesPipeline(input);
  const logs = createLogsPipeline(input);
  const metrics = createMetricsPipeline(input);
  const outputs = [traces.output, metrics.output, logs.output].filter(isPresent);
  return {
    providers: { trace: traces.provider, metrics: metrics.provider, logs: logs.provider },
    signals: { traces: traces.pipeline, metrics: metrics.pipeline, logs: logs.pipeline },
    scrape: metrics.scrape,
    destinations: () => outputs.map((output) => output.stats()),
    pending: () => metrics.isPending() || outputs.some((output) => output.isPending),
    takeForExit: () => outputs.flatMap((output) => output.takeForExit()),
  };
}

interface Made<P> {
  readonly provider: P;
  readonly output: OtlpOutput | undefined;
  readonly pipeline: Pipeline;
}

function createTracesPipeline({ config, options, resource, onPending }: PipelinesInput): Made<TracerProvider> {
  const { otlp, console } = config.traces;
  const output = otlp === undefined ? undefined : createOtlpSpanProcessor(otlp, config.traces.batch, onPending);
  const printer = console ? consoleOutputs().createConsoleSpanProcessor() : undefined;
  const provider = createTraces({
    config: config.traces,
    resource,
    processors: [...(options.spanProcessors ?? []), ...[output, printer].filter(isPresent)],
    sampler: options.sampler,
  });
  return { provider, output, pipeline: createPipeline(provider, output) };
}

function createLogsPipeline({ config, options, resource, onPending }: PipelinesInput): Made<LoggerProvider> {
  const { otlp, console } = config.logs;
  const output = otlp === undefined ? undefined : createOtlpLogProcessor(otlp, config.logs.batch, onPending);
  const printer = console ? consoleOutputs().createConsoleLogProcessor() : undefined;
  const provider = createLogs({
    config: config.logs,
    resource,
    processors: [...(options.logRecordProcessors ?? []), ...[output, printer].filter(isPresent)],
  });
  return { provider, output, pipeline: createPipeline(provider, output) };
}

interface MadeMetrics extends Made<MeterProvider> {
  readonly scrape: Scrape;
  readonly isPending: () => boolean;
}

function createMetricsPipeline({ config, options, resource, facts, onPending }: PipelinesInput): MadeMetrics {
  const { otlp, console, scrape: scrapeConfig } = config.metrics;
  const output = otlp === undefined ? undefined : createOtlpMetricPush(otlp);
  const printer = console ? consoleOutputs().createConsoleMetricPrinter() : undefined;
  const pushes = [output, printer].filter(isPresent);
  const metrics = createMetrics({
    config: config.metrics,
    resource,
    push: pushes.length === 0 ? undefined : (snapshot) => Promise.all(pushes.map((each) => each.push(snapshot))),
    onUse: onPending,
    readers: options.metricReaders ?? [],
    views: options.views ?? [],
  });
  // One endpoint per application: worker threads and cluster workers push, they do not listen.
  const open = facts.threadId !== 0 || facts.clusterWorkerId !== 0 ? 'never' : scrapeConfig.open;
  const scrape = createScrape({ config: { ...scrapeConfig, open }, collect: () => metrics.reader.snapshot() });
  const isPending = (): boolean => output !== undefined && metrics.isUsed();
  const sdk = { forceFlush: () => metrics.flush(), shutdown: () => Promise.all([metrics.close(), scrape.close()]) };
  return { provider: metrics.provider, output, pipeline: createPipeline(sdk, output), scrape, isPending };
}

/** What the providers of the SDK have in common. */
interface Flushable {
  forceFlush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
}

function createPipeline(provider: Flushable, output: OtlpOutput | undefined): Pipeline {
  return {
    async flush(deadline: Deadline): Promise<FlushOutcome> {
      if (output === undefined) {
        await provider.forceFlush();
        return 'flushed';
      }
      const { status } = await output.drain(deadline, () => provider.forceFlush());
      return status === 'empty' ? 'flushed' : status === 'late' ? 'late' : 'failed';
    },
    async close(): Promise<void> {
      output?.close();
      await provider.shutdown();
    },
  };
}

function consoleOutputs(): typeof ConsoleOutputs {
  return load('../outputs/console.ts') as typeof ConsoleOutputs;
}
