/**
 * The parts of a run, for an SDK that somebody else starts.
 *
 * Layer: run. Behind the door `node-sdk`.
 */
import type { Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Config } from '../config/config.ts';
import type { StartOptions } from '../config/options.ts';
import { startPushLoop } from '../metrics/push.ts';
import { SnapshotReader } from '../metrics/reader.ts';
import { createOtlpLogProcessor, createOtlpMetricPush, createOtlpSpanProcessor } from '../outputs/otlp.ts';
import { createScrape } from '../outputs/scrape.ts';
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
    spanProcessors: traces.otlp === undefined ? [] : [createOtlpSpanProcessor(traces.otlp, traces.batch)],
    logRecordProcessors: logs.otlp === undefined ? [] : [createOtlpLogProcessor(logs.otlp, logs.batch)],
    metricReaders: [createReader(config.metrics)],
  };
}

function createReader(config: Config['metrics']): SnapshotReader {
  const { otlp, exportIntervalMillis, exportTimeoutMillis, scrape, histogramAggregation } = config;
  const reader = new SnapshotReader(undefined, { histogramAggregation });
  const snapshot = () => reader.snapshot();
  createScrape({ config: scrape, collect: snapshot });
  if (otlp === undefined) return reader;
  const output = createOtlpMetricPush(otlp);
  const loop = startPushLoop({
    snapshot,
    push: (metrics) => output.push(metrics),
    intervalMillis: exportIntervalMillis,
    timeoutMillis: exportTimeoutMillis,
  });
  reader.onFlush(() => loop.flush());
  return reader;
}
