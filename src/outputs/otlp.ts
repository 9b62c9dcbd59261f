/**
 * OTLP destinations: processors that encode spans and log records when they end, and a push for our own reader.
 *
 * An item is encoded once, as soon as it is complete, so that nothing has to be done at exit but send, and the objects
 * of the application do not wait in memory.
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits, OtlpDestination, TemporalityPreference } from '../config/config.ts';
import type { Deadline } from '../core/deadline.ts';
import type { Outcome } from '../delivery/sender.ts';
import type * as BatchModule from '../encode/batch.ts';
import type * as OtlpModule from '../encode/otlp.ts';
import { LazyOtlpOutput, type OtlpOutput } from './otlp-output.ts';
import { BatchOutput } from './batch-output.ts';

export type { OtlpOutput } from './otlp-output.ts';

const load = createRequire(import.meta.url);
const batches = (): typeof BatchModule => load('../encode/batch.ts') as typeof BatchModule;

/** Spans to one destination. Nothing it returns rejects, nothing it does throws. */
export interface OtlpSpanProcessor extends SpanProcessor, OtlpOutput {}

/** Log records to one destination. Nothing it returns rejects, nothing it does throws. */
export interface OtlpLogProcessor extends LogRecordProcessor, OtlpOutput {}

/** Metric snapshots to one destination. Nothing it returns rejects. */
export interface OtlpMetricPush extends OtlpOutput {
  /**
   * Queues a snapshot; resolves with its fate, or with `queued` once nothing more can be done by the deadline.
   * Without a deadline it waits for as long as the snapshot is tried, or until a drain collects.
   */
  push(snapshot: ResourceMetrics, deadline?: Deadline): Promise<Outcome>;
}

/**
 * Makes a span processor; nothing is loaded or opened before the first span.
 *
 * @param onPending - called when `isPending` may have changed
 */
export function createOtlpSpanProcessor(
  destination: OtlpDestination,
  limits: BatchLimits,
  onPending?: () => void,
): OtlpSpanProcessor {
  return new SpanOutput({
    signal: 'traces',
    destination,
    limits,
    onPending,
    open: () => batches().createSpanBatch(destination.protocol),
  });
}

/**
 * Makes a log record processor; nothing is loaded or opened before the first record.
 *
 * @param onPending - called when `isPending` may have changed
 */
export function createOtlpLogProcessor(
  destination: OtlpDestination,
  limits: BatchLimits,
  onPending?: () => void,
): OtlpLogProcessor {
  return new LogOutput({
    signal: 'logs',
    destination,
    limits,
    onPending,
    open: () => batches().createLogBatch(destination.protocol),
  });
}

/**
 * Makes a push; nothing is loaded or opened before the first snapshot.
 *
 * @param temporality - of the snapshots; a newer one replaces a queued one only if they are cumulative
 */
export function createOtlpMetricPush(
  destination: OtlpDestination,
  temporality: TemporalityPreference = 'cumulative',
): OtlpMetricPush {
  return new MetricPush({
    signal: 'metrics',
    destination,
    isSuperseding: temporality === 'cumulative',
    encode: (snapshot) =>
      (load('../encode/otlp.ts') as typeof OtlpModule).encodeMetrics(snapshot, destination.protocol),
    count: countPoints,
  });
}

/** Sampled, in `traceFlags`. Source: W3C Trace Context §3.2.2.5. */
const SAMPLED = 1;

class SpanOutput extends BatchOutput<ReadableSpan> implements OtlpSpanProcessor {
  protected override isWanted(span: ReadableSpan): boolean {
    return (span.spanContext().traceFlags & SAMPLED) !== 0;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.add(span);
  }
}

class LogOutput extends BatchOutput<ReadableLogRecord> implements OtlpLogProcessor {
  onEmit(record: ReadableLogRecord): void {
    this.add(record);
  }
}

class MetricPush extends LazyOtlpOutput<ResourceMetrics> implements OtlpMetricPush {
  push(snapshot: ResourceMetrics, deadline?: Deadline): Promise<Outcome> {
    const { outcome } = this.take(snapshot);
    if (deadline === undefined) return this.untilCollected(outcome);
    return Promise.race([outcome, this.drain(deadline).then((): Outcome => ({ status: 'queued' }))]);
  }
}

function countPoints({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .reduce((points, { dataPoints }) => points + dataPoints.length, 0);
}
