/**
 * OTLP destinations as the official exporter interfaces, for the batch processors, and as a push for our own reader.
 *
 * `export` hands over: its callback is called as soon as the request is queued. The official processors hold a ref'd
 * timer until the callback, which would keep a finished program alive for as long as the destination does not answer.
 * Whether items arrived is told by `drain()` and `stats()`.
 * Layer: outputs. Loaded at start-up.
 */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpDestination, TemporalityPreference } from '../config/config.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import { guard } from '../core/guard.ts';
import type { Outcome } from '../delivery/sender.ts';
import { LazyOtlpOutput, type OtlpOutput } from './otlp-output.ts';

export type { OtlpOutput } from './otlp-output.ts';

/** Spans to one destination. Nothing it returns rejects. */
export interface OtlpSpanExporter extends SpanExporter, OtlpOutput {
  forceFlush(): Promise<void>;
}

/** Log records to one destination. Nothing it returns rejects. */
export interface OtlpLogExporter extends LogRecordExporter, OtlpOutput {}

/** Metric snapshots to one destination. Nothing it returns rejects. */
export interface OtlpMetricPush extends OtlpOutput {
  /**
   * Queues a snapshot; resolves with its fate, or with `queued` once nothing more can be done by the deadline.
   * Without a deadline it waits for as long as the snapshot is tried, or until a drain collects.
   */
  push(snapshot: ResourceMetrics, deadline?: Deadline): Promise<Outcome>;
}

/** Longest a `forceFlush()` or `shutdown()` of the official interfaces takes, in milliseconds; they pass no deadline. */
const DEFAULT_DRAIN_MILLIS = 5000;

/** Makes an exporter; nothing is loaded or opened before the first span. */
export function createOtlpSpanExporter(destination: OtlpDestination): OtlpSpanExporter {
  return new BatchExporter<ReadableSpan>({
    signal: 'traces',
    destination,
    isSuperseding: false,
    encode: (spans, { encodeTraces }) => encodeTraces(spans, destination.protocol),
    count: (spans) => spans.length,
  });
}

/** Makes an exporter; nothing is loaded or opened before the first record. */
export function createOtlpLogExporter(destination: OtlpDestination): OtlpLogExporter {
  return new BatchExporter<ReadableLogRecord>({
    signal: 'logs',
    destination,
    isSuperseding: false,
    encode: (records, { encodeLogs }) => encodeLogs(records, destination.protocol),
    count: (records) => records.length,
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
    encode: (snapshot, { encodeMetrics }) => encodeMetrics(snapshot, destination.protocol),
    count: countPoints,
  });
}

/** A batch of items through the official exporter interface, which traces and logs share. */
class BatchExporter<Item> extends LazyOtlpOutput<Item[]> implements ItemExporter<Item> {
  export(items: Item[], callback: (result: ExportResult) => void): void {
    const { handedOver } = this.take(items);
    const failure = { code: ExportResultCode.FAILED, error: new Error(`${this.signal} could not be queued`) };
    guard(
      'outputs.otlp.callback',
      () => callback(handedOver ? { code: ExportResultCode.SUCCESS } : failure),
      undefined,
    );
  }

  async forceFlush(): Promise<void> {
    if (!this.isCollecting) await this.drain(createDeadline(DEFAULT_DRAIN_MILLIS));
  }

  async shutdown(): Promise<void> {
    await this.drain(createDeadline(DEFAULT_DRAIN_MILLIS));
    this.close();
  }
}

/** What {@link SpanExporter} and {@link LogRecordExporter} have in common. */
interface ItemExporter<Item> {
  export(items: Item[], callback: (result: ExportResult) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
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
