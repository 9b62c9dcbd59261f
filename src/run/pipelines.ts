/**
 * The three signals of one run: provider in front, destinations behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type Deadline, withinDeadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import { createLogs } from '../logs/provider.ts';
import { createMetrics } from '../metrics/provider.ts';
import type * as selfMetricsModule from '../metrics/self-metrics.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpLogProcessor, OtlpMetricPush, OtlpSpanProcessor } from '../outputs/otlp.ts';
import type { OtlpOutput } from '../outputs/otlp-output.ts';
import { createScrape, type Scrape } from '../outputs/scrape.ts';
import { createRequestLogProcessor } from '../request/log-processor.ts';
import { createTraces } from '../traces/provider.ts';
import type { Pipeline } from './handle.ts';
import { scrapeOfProcess } from './scrape-of-process.ts';
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
  /** Everything unsent, the latest metric totals included; synchronous, ends delivery. */
  readonly takeForExit: () => readonly ExitRequest[];
}

/** Makes providers and destinations, and starts pushing; nothing is connected before something is to be sent. */
export function createPipelines(input: PipelinesInput): Pipelines {
  const traces = createTracesPipeline(input);
  const logs = createLogsPipeline(input);
  const outputs: OtlpOutput[] = [];
  const metrics = createMetricsPipeline(input, createSelfMetrics(outputs));
  outputs.push(...traces.outputs, ...metrics.outputs, ...logs.outputs);
  return {
    providers: { trace: traces.provider, metrics: metrics.provider, logs: logs.provider },
    signals: { traces: traces.pipeline, metrics: metrics.pipeline, logs: logs.pipeline },
    scrape: metrics.scrape,
    destinations: () => outputs.map((output) => output.stats()),
    pending: () => metrics.isPending() || outputs.some((output) => output.isPending),
    takeForExit: () => {
      guard('metrics.exit', metrics.queueTotals, undefined);
      return outputs.flatMap((output) => output.takeForExit());
    },
  };
}

interface Made<P> {
  readonly provider: P;
  readonly outputs: readonly OtlpOutput[];
  readonly pipeline: Pipeline;
}

function createTracesPipeline({ config, options, resource, onPending }: PipelinesInput): Made<TracerProvider> {
  const { batch: limits, console } = config.traces;
  const destinations = destinationsOf(config.traces);
  const sending = destinations.length === 0 ? undefined : new OtlpSpanProcessor({ destinations, limits, onPending });
  const printer = console ? consoleOutputs().createConsoleSpanProcessor() : undefined;
  const provider = createTraces({
    config: config.traces,
    resource,
    processors: [...(options.spanProcessors ?? []), ...[sending, printer].filter(isPresent)],
    sampler: options.sampler,
  });
  return collect(provider, sending?.outputs ?? []);
}

function createLogsPipeline({ config, options, resource, onPending }: PipelinesInput): Made<LoggerProvider> {
  const { batch: limits, console } = config.logs;
  const destinations = destinationsOf(config.logs);
  const sending = destinations.length === 0 ? undefined : new OtlpLogProcessor({ destinations, limits, onPending });
  const printer = console ? consoleOutputs().createConsoleLogProcessor() : undefined;
  const provider = createLogs({
    config: config.logs,
    resource,
    processors: [
      createRequestLogProcessor(),
      ...(options.logRecordProcessors ?? []),
      ...[sending, printer].filter(isPresent),
    ],
  });
  return collect(provider, sending?.outputs ?? []);
}

interface MadeMetrics extends Made<MeterProvider> {
  readonly scrape: Scrape;
  readonly isPending: () => boolean;
  /** Queues the totals of this moment, if there are any. */
  readonly queueTotals: () => void;
}

/** Loaded with the first snapshot. */
function createSelfMetrics(outputs: readonly OtlpOutput[]): () => MetricData[] {
  let selfMetrics: SelfMetrics | undefined;
  return () => {
    const { SelfMetrics } = load('../metrics/self-metrics.ts') as typeof selfMetricsModule;
    selfMetrics ??= new SelfMetrics();
    return selfMetrics.snapshot(
      outputs.map((output) => ({ stats: output.stats(), isJson: output.protocol === 'http/json' })),
    );
  };
}

function createMetricsPipeline(
  { config, options, resource, facts, onPending }: PipelinesInput,
  selfMetrics: () => MetricData[],
): MadeMetrics {
  const { console, scrape: scrapeConfig } = config.metrics;
  const destinations = destinationsOf(config.metrics);
  const sending = destinations.length === 0 ? undefined : new OtlpMetricPush({ destinations, onPending });
  const printer = console ? consoleOutputs().createConsoleMetricPrinter() : undefined;
  const pushes = [sending, printer].filter(isPresent);
  const metrics = createMetrics({
    config: config.metrics,
    resource,
    push: pushes.length === 0 ? undefined : (snapshot) => Promise.all(pushes.map(async (each) => each.push(snapshot))),
    selfMetrics,
    onUse: onPending,
    readers: options.metricReaders ?? [],
    views: options.views ?? [],
    registries: options.prometheusRegistries,
  });
  const scrape = createScrape({
    config: scrapeOfProcess(scrapeConfig, facts),
    collect: () => metrics.snapshot(),
  });
  const outputs = sending?.outputs ?? [];
  const isPending = (): boolean => outputs.length > 0 && metrics.isUsed();
  const sdk = { forceFlush: () => metrics.flush(), shutdown: () => Promise.all([metrics.close(), scrape.close()]) };
  const queueTotals = (): void => {
    if (metrics.hasNews()) sending?.queue(metrics.snapshotNow());
  };
  return {
    provider: metrics.provider,
    outputs,
    pipeline: createPipeline(sdk, outputs),
    scrape,
    isPending,
    queueTotals,
  };
}

/** What the providers of the SDK have in common. */
interface Flushable {
  forceFlush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
}

function collect<P extends Flushable>(provider: P, outputs: readonly OtlpOutput[]): Made<P> {
  return { provider, outputs, pipeline: createPipeline(provider, outputs) };
}

function createPipeline(provider: Flushable, outputs: readonly OtlpOutput[]): Pipeline {
  return {
    async flush(deadline: Deadline): Promise<FlushOutcome> {
      await withinDeadline(provider.forceFlush(), deadline);
      const drained = await Promise.all(outputs.map((output) => output.drain(deadline)));
      const statuses = drained.map(({ status }) => status);
      if (statuses.includes('stuck')) return 'failed';
      return statuses.includes('late') ? 'late' : 'flushed';
    },
    async close(): Promise<void> {
      for (const output of outputs) output.close();
      await provider.shutdown();
    },
  };
}

function consoleOutputs(): typeof ConsoleOutputs {
  return load('../outputs/console.ts') as typeof ConsoleOutputs;
}
