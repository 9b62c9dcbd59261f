/**
 * The parts of a run, for an SDK that somebody else starts.
 *
 * Layer: run. Behind the door `node-sdk`.
 */
import type { Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits, Config, SignalOutputs } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import { startPushLoop } from '../metrics/push.ts';
import { SnapshotReader } from '../metrics/reader.ts';
import {
  destinationsOf,
  type OtlpInput,
  OtlpLogProcessor,
  OtlpMetricPush,
  OtlpSpanProcessor,
} from '../outputs/otlp.ts';
import { drainAll } from '../outputs/otlp-output.ts';
import { createScrape } from '../outputs/scrape.ts';
import { createTail } from '../traces/tail.ts';
import { reportIssues } from './report.ts';
import { describeProcess, settle } from './settle.ts';

interface Parts {
  readonly resource: Resource;
  readonly spanProcessors: SpanProcessor[];
  readonly logRecordProcessors: LogRecordProcessor[];
  readonly metricReaders: SnapshotReader[];
}

/** Makes the parts from the same configuration as `start()`. */
export function createNodeSdkParts(options: StartOptions): Parts {
  const { config, issues } = settle(options);
  const { resource, issues: more } = describeProcess(config);
  reportIssues([...issues, ...more], config);
  const { traces, logs } = config;
  return {
    resource,
    spanProcessors: createSpanProcessors(traces),
    logRecordProcessors: hasDestination(logs) ? [new OtlpLogProcessor(sendingOf(logs))] : [],
    metricReaders: [createReader(config.metrics)],
  };
}

function createSpanProcessors(traces: Config['traces']): SpanProcessor[] {
  if (!hasDestination(traces)) return [];
  const sending = new OtlpSpanProcessor(sendingOf(traces));
  return [createTail({ policy: traces.sampling.tail, next: [sending] }) ?? sending];
}

function hasDestination(outputs: SignalOutputs): boolean {
  return destinationsOf(outputs).length > 0;
}

function sendingOf(signal: SignalOutputs & { readonly batch: BatchLimits }): OtlpInput {
  return { destinations: destinationsOf(signal), limits: signal.batch, isSelfDraining: true };
}

function createReader(metrics: Config['metrics']): SnapshotReader {
  const reader = new SnapshotReader(undefined, { histogramAggregation: metrics.histogramAggregation });
  const snapshot = () => reader.snapshot();
  createScrape({ config: metrics.scrape, collect: snapshot });
  const destinations = destinationsOf(metrics);
  if (destinations.length === 0) return reader;
  const sending = new OtlpMetricPush({ destinations });
  const loop = startPushLoop({
    snapshot,
    push: async (snapshotOfAll) => sending.push(snapshotOfAll),
    intervalMillis: metrics.exportIntervalMillis,
    timeoutMillis: metrics.exportTimeoutMillis,
  });
  reader.onFlush(async () => {
    await loop.flush();
    await drainAll(sending.outputs);
  });
  return reader;
}
