/**
 * Metrics of one run: store and readers, pushed to destinations, scraped, printed.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { MeterProvider } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { isPresent } from '../core/is-present.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import type * as Runtime from '../instrument/runtime/runtime.ts';
import { deferMetrics } from '../metrics/deferred-metrics.ts';
import type { Metrics } from '../metrics/provider.ts';
import type * as ConsoleOutputs from '../outputs/console.ts';
import { destinationsOf } from '../outputs/otlp.ts';
import { OtlpMetricPush } from '../outputs/otlp-metrics.ts';
import { createScrape, type Scrape } from '../outputs/scrape.ts';
import { scrapeOfProcess } from './scrape-of-process.ts';
import { createPipeline, type PipelinesInput, type SignalPipeline } from './signal-pipeline.ts';

const load = createRequire(import.meta.url);

export interface MetricsPipeline extends SignalPipeline<MeterProvider> {
  readonly scrape: Scrape;
  readonly isPending: () => boolean;
  /** Queues the totals of this moment, if there are any. */
  readonly queueTotals: () => void;
  readonly stopIntervals: () => void;
}

/** @param selfMetrics - what this package says of itself, for each snapshot */
export function createMetricsPipeline(input: PipelinesInput, selfMetrics: () => MetricData[]): MetricsPipeline {
  const { config, facts, onPending } = input;
  const destinations = destinationsOf(config.metrics);
  const sending =
    destinations.length === 0
      ? undefined
      : new OtlpMetricPush({ destinations, onPending, totals: () => metrics.snapshotNow() });
  const metrics = createMetrics(input, selfMetrics, sending);
  const scrape = createScrape({
    config: scrapeOfProcess(config.metrics.scrape, facts),
    collect: () => metrics.snapshot(),
  });
  const outputs = sending?.outputs ?? [];
  const sdk = { forceFlush: () => metrics.flush(), shutdown: () => Promise.all([metrics.close(), scrape.close()]) };
  return {
    provider: metrics.provider,
    outputs,
    pipeline: createPipeline(sdk, outputs),
    scrape,
    isPending: () => outputs.length > 0 && metrics.isUsed(),
    queueTotals() {
      // Deltas are in storage of the SDK, which cannot be read at once.
      if (sending?.takes('cumulative') === true && metrics.hasNews()) sending.queue(metrics.snapshotNow());
    },
    stopIntervals: () => metrics.stopIntervals(),
  };
}

function createMetrics(
  { config, options, resource, facts, onPending }: PipelinesInput,
  selfMetrics: () => MetricData[],
  sending: OtlpMetricPush | undefined,
): Metrics {
  const printer = config.metrics.console ? createPrinter() : undefined;
  const pushes = [sending, printer].filter(isPresent);
  return deferMetrics({
    config: config.metrics,
    resource,
    push: pushes.length === 0 ? undefined : (snapshot) => Promise.all(pushes.map(async (each) => each.push(snapshot))),
    isPushWanted: () => printer !== undefined || sending?.takes('cumulative') === true,
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
}

/** Loaded when metrics are first looked at. */
function observeRuntime(provider: MeterProvider, { threadId }: ProcessFacts): { stop(): void } {
  const runtime = load('../instrument/runtime/runtime.ts') as typeof Runtime;
  return runtime.observeRuntime(provider, threadId === 0);
}

function createPrinter(): ReturnType<typeof ConsoleOutputs.createConsoleMetricPrinter> {
  return (load('../outputs/console.ts') as typeof ConsoleOutputs).createConsoleMetricPrinter();
}
