/**
 * The three signals of one run: provider in front, destinations behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { guard } from '../core/guard.ts';
import { isPresent } from '../core/is-present.ts';
import type { SentryConfig } from '../config/config.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type * as Runtime from '../instrument/runtime/runtime.ts';
import { createLogs } from '../logs/provider.ts';
import type * as TraceLinks from '../logs/trace-links.ts';
import { createMetrics } from '../metrics/provider.ts';
import type * as selfMetricsModule from '../metrics/self-metrics.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf, OtlpLogProcessor } from '../outputs/otlp.ts';
import { OtlpMetricPush } from '../outputs/otlp-metrics.ts';
import type { OtlpOutput } from '../outputs/otlp-output.ts';
import { createScrape, type Scrape } from '../outputs/scrape.ts';
import { createRequestLogProcessor } from '../request/log-processor.ts';
import type * as SentryFeedModule from '../sentry/feed.ts';
import type { SentryFeed, SentryFeedInput } from '../sentry/feed.ts';
import { Sentry } from '../sentry/sentry.ts';
import type { TailStats } from '../traces/tail-stats.ts';
import type { Pipeline, SignalName } from './handle.ts';
import { collect, createPipeline, type Made, type PipelinesInput } from './made-pipeline.ts';
import { scrapeOfProcess } from './scrape-of-process.ts';
import type { TelemetryStatus } from './telemetry.ts';
import { createTracesPipeline } from './traces-pipeline.ts';

const load = createRequire(import.meta.url);

/** The pipelines of one run. */
export interface Pipelines {
  readonly providers: {
    readonly trace: TracerProvider;
    readonly metrics: MeterProvider;
    readonly logs: LoggerProvider;
  };
  readonly signals: Readonly<Record<SignalName, Pipeline>>;
  readonly scrape: Scrape;
  readonly sentry: Sentry;
  /** Metrics, logs and check-ins for Sentry; `undefined` without a DSN. */
  readonly sentryFeed: SentryFeed | undefined;
  readonly destinations: () => TelemetryStatus['destinations'];
  /** `undefined` without tail sampling. */
  readonly tail: () => TailStats | undefined;
  /** Ends what pushes by itself; before the last flush. */
  readonly retire: () => void;
  /** Whether anything is unsent, or held undecided; metrics are, as soon as there is an instrument. */
  readonly pending: () => boolean;
  /** Everything unsent, the latest metric totals included; synchronous, ends delivery. */
  readonly takeForExit: () => readonly ExitRequest[];
}

/** Makes providers and destinations, and starts pushing; nothing is connected before something is to be sent. */
export function createPipelines(input: PipelinesInput): Pipelines {
  const sentry = createSentryPipeline(input);
  const traces = createTracesPipeline(input, sentry.feed);
  const logs = createLogsPipeline(input, sentry.feed);
  const outputs: OtlpOutput[] = [];
  const metrics = createMetricsPipeline(
    input,
    createSelfMetrics(outputs, () => traces.tail?.stats()),
  );
  outputs.push(...traces.outputs, ...metrics.outputs, ...logs.outputs, ...sentry.outputs);
  return {
    providers: { trace: traces.provider, metrics: metrics.provider, logs: logs.provider },
    signals: { traces: traces.pipeline, metrics: metrics.pipeline, logs: logs.pipeline, sentry: sentry.pipeline },
    scrape: metrics.scrape,
    sentry: sentry.sentry,
    sentryFeed: sentry.feed,
    destinations: () => outputs.map((output) => output.stats()),
    tail: () => traces.tail?.stats(),
    retire: metrics.stopIntervals,
    pending: () =>
      sentry.isPending() ||
      metrics.isPending() ||
      (traces.tail?.heldSpans ?? 0) > 0 ||
      outputs.some((output) => output.isPending),
    takeForExit: () => {
      guard('traces.tail', traces.decideAll, undefined);
      guard('metrics.exit', metrics.queueTotals, undefined);
      sentry.sentry.gather();
      sentry.feed?.flush();
      return outputs.flatMap((output) => output.takeForExit());
    },
  };
}

function createLogsPipeline(
  { config, options, resource, onPending }: PipelinesInput,
  sentry: SentryFeed | undefined,
): Made<LoggerProvider> {
  const { batch: limits, console } = config.logs;
  const destinations = destinationsOf(config.logs);
  const sending = destinations.length === 0 ? undefined : new OtlpLogProcessor({ destinations, limits, onPending });
  const printer = console ? consoleOutputs().createConsoleLogProcessor() : undefined;
  const { urlTemplate, inLogs } = config.traceLinks;
  const linker = inLogs && urlTemplate !== undefined ? traceLinks().createTraceLinker(urlTemplate) : undefined;
  const provider = createLogs({
    config: config.logs,
    resource,
    // Request and link come first, so that the user's own processors have it too.
    processors: [
      createRequestLogProcessor(),
      linker,
      ...(options.logRecordProcessors ?? []),
      sending,
      sentry?.createLogProcessor(),
      printer,
    ].filter(isPresent),
  });
  return collect(provider, sending?.outputs ?? []);
}

interface MadeSentry {
  readonly feed: SentryFeed | undefined;
  readonly outputs: readonly OtlpOutput[];
  readonly pipeline: Pipeline;
  readonly sentry: Sentry;
  readonly isPending: () => boolean;
}

function createSentryPipeline({ config, resource, facts, onPending }: PipelinesInput): MadeSentry {
  const { mainScript } = facts;
  const sentry = new Sentry({ config: config.sentry, resource: resource.attributes, mainScript, onPending });
  const { outputs } = sentry;
  const { output } = sentry;
  const feed =
    config.sentry && output && sentryFeed(config.sentry, { output, resource: resource.attributes, onPending });
  const sdk = {
    forceFlush: async () => {
      sentry.gather();
      feed?.flush();
    },
    shutdown: async () => sentry.stop(),
  };
  return {
    feed,
    outputs,
    pipeline: createPipeline(sdk, outputs),
    sentry,
    isPending: () => {
      sentry.gather();
      return feed?.isWaiting === true || outputs.some((output) => output.isPending);
    },
  };
}

interface MadeMetrics extends Made<MeterProvider> {
  readonly scrape: Scrape;
  readonly isPending: () => boolean;
  /** Queues the totals of this moment, if there are any. */
  readonly queueTotals: () => void;
  readonly stopIntervals: () => void;
}

/** Loaded with the first snapshot. */
function createSelfMetrics(outputs: readonly OtlpOutput[], tail: () => TailStats | undefined): () => MetricData[] {
  let selfMetrics: SelfMetrics | undefined;
  return () => {
    const { SelfMetrics } = load('../metrics/self-metrics.ts') as typeof selfMetricsModule;
    selfMetrics ??= new SelfMetrics();
    return selfMetrics.snapshot(
      outputs.map((output) => ({ stats: output.stats(), isJson: output.protocol === 'http/json' })),
      tail(),
    );
  };
}

/** Loaded when metrics are first looked at. */
function observeRuntime(provider: MeterProvider, { threadId }: ProcessFacts): { stop(): void } {
  const runtime = load('../instrument/runtime/runtime.ts') as typeof Runtime;
  return runtime.observeRuntime(provider, threadId === 0);
}

function createMetricsPipeline(
  { config, options, resource, facts, onPending }: PipelinesInput,
  selfMetrics: () => MetricData[],
): MadeMetrics {
  const { console, scrape: scrapeConfig } = config.metrics;
  const destinations = destinationsOf(config.metrics);
  const totals = (): ResourceMetrics => metrics.snapshotNow();
  const sending = destinations.length === 0 ? undefined : new OtlpMetricPush({ destinations, onPending, totals });
  const printer = console ? consoleOutputs().createConsoleMetricPrinter() : undefined;
  const isPushWanted = (): boolean => printer !== undefined || sending?.takes('cumulative') === true;
  const pushes = [sending, printer].filter(isPresent);
  const metrics = createMetrics({
    config: config.metrics,
    resource,
    push: pushes.length === 0 ? undefined : (snapshot) => Promise.all(pushes.map(async (each) => each.push(snapshot))),
    isPushWanted,
    deltas: sending?.deltas.map((temporality) => ({
      temporality,
      push: async (snapshot) => sending.push(snapshot, temporality),
    })),
    selfMetrics,
    background: config.metrics.runtime === 'on' ? (provider) => observeRuntime(provider, facts) : undefined,
    onUse: onPending,
    readers: options.metricReaders ?? [],
    producers: options.metricProducers ?? [],
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
    // Deltas are in storage of the SDK, which cannot be read at once.
    if (sending?.takes('cumulative') === true && metrics.hasNews()) sending.queue(metrics.snapshotNow());
  };
  return {
    provider: metrics.provider,
    outputs,
    pipeline: createPipeline(sdk, outputs),
    scrape,
    isPending,
    queueTotals,
    stopIntervals: () => metrics.stopIntervals(),
  };
}

function sentryFeed(config: SentryConfig, input: Omit<SentryFeedInput, 'config'>): SentryFeed {
  const { SentryFeed } = load('../sentry/feed.ts') as typeof SentryFeedModule;
  return new SentryFeed({ config, ...input });
}

function traceLinks(): typeof TraceLinks {
  return load('../logs/trace-links.ts') as typeof TraceLinks;
}

function consoleOutputs(): typeof ConsoleOutputs {
  return load('../outputs/console.ts') as typeof ConsoleOutputs;
}
