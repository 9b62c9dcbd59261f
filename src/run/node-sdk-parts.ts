/**
 * The parts of a run, for an SDK that somebody else starts.
 *
 * Layer: run. Behind the door `node-sdk`.
 */
import { createRequire } from 'node:module';
import type { Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits, Config, SignalOutputs, TemporalityPreference } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import { isPresent } from '../core/is-present.ts';
import { useRedaction } from '../encode/redaction.ts';
import { createBridge } from '../metrics/bridge.ts';
import { createDeltaReader, inTurn } from '../metrics/delta-metrics.ts';
import { startPushLoop } from '../metrics/push.ts';
import { SnapshotReader } from '../metrics/reader.ts';
import { destinationsOf, type OtlpInput, OtlpLogProcessor, OtlpSpanProcessor } from '../outputs/otlp.ts';
import { OtlpMetricPush } from '../outputs/otlp-metrics.ts';
import { drainAll } from '../outputs/destination-output.ts';
import { createScrape } from '../outputs/scrape.ts';
import type * as SentrySpansModule from '../sentry/spans.ts';
import { createTail } from '../traces/tail.ts';
import { reportIssues } from './report.ts';
import { scrapeOfProcess } from './scrape-of-process.ts';
import { describeProcess, settle } from './settle.ts';

const load = createRequire(import.meta.url);

interface Parts {
  readonly resource: Resource;
  readonly spanProcessors: SpanProcessor[];
  readonly logRecordProcessors: LogRecordProcessor[];
  readonly metricReaders: SnapshotReader[];
}

/** Makes the parts from the same configuration as `start()`. */
export function createNodeSdkParts(options: StartOptions): Parts {
  const { config, issues } = settle(options);
  useRedaction(config.redaction);
  const { resource, facts, issues: more } = describeProcess(config);
  reportIssues([...issues, ...more], config);
  const { logs } = config;
  return {
    resource: resource(),
    spanProcessors: createSpanProcessors(config),
    logRecordProcessors: hasDestination(logs) ? [new OtlpLogProcessor(sendingOf(logs))] : [],
    metricReaders: createReaders(config.metrics, options, facts),
  };
}

function createSpanProcessors({ traces, sentry: sentryConfig }: Config): SpanProcessor[] {
  const sentry = sentryConfig && sentrySpans().createSentrySpans(sentryConfig);
  const destinations = [...destinationsOf(traces), sentry?.destination].filter(isPresent);
  if (destinations.length === 0) return [];
  const sending = new OtlpSpanProcessor({ ...sendingOf(traces), destinations }, sentry);
  return [createTail({ policy: traces.sampling.tail, next: [sending] }) ?? sending];
}

function sentrySpans(): typeof SentrySpansModule {
  return load('../sentry/spans.ts') as typeof SentrySpansModule;
}

function hasDestination(outputs: SignalOutputs): boolean {
  return destinationsOf(outputs).length > 0;
}

function sendingOf(signal: SignalOutputs & { readonly batch: BatchLimits }): OtlpInput {
  return { destinations: destinationsOf(signal), limits: signal.batch, isSelfDraining: true };
}

/** One for totals, and one for each kind of deltas a destination asks for. */
function createReaders(metrics: Config['metrics'], options: StartOptions, facts: ProcessFacts): SnapshotReader[] {
  const { histogramAggregation, limits, exportIntervalMillis, exportTimeoutMillis } = metrics;
  const bridge = createBridge(options.prometheusRegistries);
  const reader = new SnapshotReader(undefined, { bridge, histogramAggregation });
  createScrape({ config: scrapeOfProcess(metrics.scrape, facts), collect: () => reader.snapshot() });
  const destinations = destinationsOf(metrics);
  if (destinations.length === 0) return [reader];
  const sending = new OtlpMetricPush({ destinations });
  const pushOf = (each: SnapshotReader, temporality: TemporalityPreference): SnapshotReader => {
    const loop = startPushLoop({
      snapshot: inTurn(() => each.snapshot()),
      push: async (snapshot) => sending.push(snapshot, temporality),
      intervalMillis: exportIntervalMillis,
      timeoutMillis: exportTimeoutMillis,
    });
    each.onFlush(async () => {
      await loop.flush();
      await drainAll(sending.outputs);
    });
    return each;
  };
  const deltas = sending.deltas.map((temporality) => {
    const { seriesPerInstrument } = limits;
    return pushOf(createDeltaReader({ temporality, histogramAggregation, seriesPerInstrument }), temporality);
  });
  return [pushOf(reader, 'cumulative'), ...deltas];
}
