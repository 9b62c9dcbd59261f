/**
 * The three signals of one run: provider in front, destinations behind.
 *
 * Layer: run.
 */
import { createRequire } from 'node:module';
import type { LoggerProvider, MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { guard } from '../core/guard.ts';
import type { ExitRequest } from '../delivery/exit-request.ts';
import type * as selfMetricsModule from '../metrics/self-metrics.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import type { DestinationOutput } from '../outputs/destination-output.ts';
import type { Scrape } from '../outputs/scrape.ts';
import type { SentryFeed } from '../sentry/feed.ts';
import type { TailStats } from '../traces/tail-stats.ts';
import type { Pipeline, SignalName } from './handle.ts';
import { createLogsPipeline } from './logs-pipeline.ts';
import { createMetricsPipeline } from './metrics-pipeline.ts';
import { createSentryPipeline } from './sentry-pipeline.ts';
import { createPipeline, type PipelinesInput } from './signal-pipeline.ts';
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

/** Makes destinations, and providers that load with their first use; nothing is connected before something is to be sent. */
export function createPipelines(input: PipelinesInput): Pipelines {
  const sentry = createSentryPipeline(input);
  const traces = createTracesPipeline(input, sentry.feed);
  const logs = createLogsPipeline(input, sentry.feed);
  const outputs: DestinationOutput[] = [];
  const metrics = createMetricsPipeline(
    input,
    createSelfMetrics(outputs, () => traces.tail?.stats()),
  );
  outputs.push(...traces.outputs, ...metrics.outputs, ...logs.outputs, ...sentry.outputs);
  return {
    providers: { trace: traces.provider, metrics: metrics.provider, logs: logs.provider },
    signals: {
      traces: traces.pipeline,
      metrics: metrics.pipeline,
      logs: logs.pipeline,
      sentry: createPipeline(sentry.sdk, sentry.outputs),
    },
    scrape: metrics.scrape,
    sentryFeed: sentry.feed,
    destinations: () => outputs.map((output) => output.stats()),
    tail: () => traces.tail?.stats(),
    retire: metrics.stopIntervals,
    pending: () =>
      sentry.isHolding() ||
      metrics.isPending() ||
      (traces.tail?.heldSpans ?? 0) > 0 ||
      outputs.some((output) => output.isPending),
    takeForExit: () => {
      guard('traces.tail', traces.decideAll, undefined);
      guard('metrics.exit', metrics.queueTotals, undefined);
      sentry.gather();
      return outputs.flatMap((output) => output.takeForExit());
    },
  };
}

/** Loaded with the first snapshot. */
function createSelfMetrics(
  outputs: readonly DestinationOutput[],
  tail: () => TailStats | undefined,
): () => MetricData[] {
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
