/**
 * Traces: the official tracer provider with a batch processor for each destination.
 *
 * Layer: traces. The batch processor stands where the log and its cursors will be (docs/explanation/architecture.md).
 */
import type { Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type Sampler,
  type SpanExporter,
  type SpanLimits,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracesConfig } from '../config/config.ts';
import { createSampler } from './sampler.ts';

/** What a tracer provider is made of. */
export interface TracesInput {
  readonly config: TracesConfig;
  readonly resource: Resource;
  /** One per destination. */
  readonly exporters: readonly SpanExporter[];
  /** The user's own; they see each span before ours do. */
  readonly processors: readonly SpanProcessor[];
  /** Replaces the configured sampler. */
  readonly sampler: Sampler | undefined;
}

/** Makes the tracer provider of one run. */
export function createTraces({ config, resource, exporters, processors, sampler }: TracesInput): TracerProvider {
  const ours = exporters.map((exporter) => createBatchSpanProcessor(exporter, config.batch));
  return new TracerProvider({
    resource,
    sampler: sampler ?? createSampler(config.sampler),
    spanLimits: withoutUndefined(config.limits),
    spanProcessors: [...processors, ...ours],
  });
}

/** Makes the processor that carries ended spans to one destination. */
export function createBatchSpanProcessor(exporter: SpanExporter, batch: TracesConfig['batch']): SpanProcessor {
  return new BatchSpanProcessor({
    exporter,
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: Math.min(batch.maxExportBatchSize, batch.maxQueueSize),
    scheduledDelayMillis: batch.scheduleDelayMillis,
    exportTimeoutMillis: batch.exportTimeoutMillis,
  });
}

/** The SDK reads a missing limit as unlimited and a present `undefined` as a value. */
function withoutUndefined(limits: TracesConfig['limits']): SpanLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}
