/**
 * Snapshots that count from the last one, for destinations that ask for deltas.
 *
 * The store knows totals only; what a destination wants as deltas is recorded a second time, into storage of the SDK.
 * Layer: metrics. Loaded when a destination asks for deltas.
 */
import type {
  DataPoint,
  IMetricReader,
  MetricData,
  MetricProducer,
  SumMetricData,
  ViewOptions,
} from '@opentelemetry/sdk-metrics';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  InstrumentType,
} from '@opentelemetry/sdk-metrics';
import type { DeltaPreference, HistogramAggregation } from '../config/config.ts';
import { createReaderStorage, DEFAULT_SERIES_LIMIT, type Mirror } from './reader-storage.ts';
import { SnapshotReader } from './reader.ts';
import type { MetricStore } from './store.ts';
import { withProducer } from './user-parts.ts';

/**
 * What is counted as deltas. The specification leaves gauges open; as totals, they come from the store, and are there
 * in each push.
 */
const DELTA_KINDS: Readonly<Record<DeltaPreference, ReadonlySet<InstrumentType>>> = {
  delta: new Set([InstrumentType.COUNTER, InstrumentType.HISTOGRAM, InstrumentType.OBSERVABLE_COUNTER]),
  lowmemory: new Set([InstrumentType.COUNTER, InstrumentType.HISTOGRAM]),
};

export interface DeltaReaderOptions {
  readonly temporality: DeltaPreference;
  readonly histogramAggregation: HistogramAggregation;
  /** Most series of one instrument between two snapshots. */
  readonly seriesPerInstrument: number;
  /** The user's; what they count from is up to them. */
  readonly producers?: readonly MetricProducer[];
}

/** A reader that collects by the rules of a preference. Each of its snapshots is somebody's only one. */
export function createDeltaReader({
  temporality,
  histogramAggregation,
  seriesPerInstrument,
  producers = [],
}: DeltaReaderOptions): SnapshotReader {
  const isDelta = (kind: InstrumentType): boolean => DELTA_KINDS[temporality].has(kind);
  return new SnapshotReader(undefined, {
    histogramAggregation,
    producers,
    temporality: (kind) => (isDelta(kind) ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE),
    seriesLimit: (kind) => (isDelta(kind) ? seriesPerInstrument : DEFAULT_SERIES_LIMIT),
  });
}

/** One kind of deltas. */
export interface DeltaMetrics {
  readonly mirror: Mirror | undefined;
  /** For the provider of the SDK. */
  readonly reader: IMetricReader;
  /** What was recorded since the last one. Those who ask at the same time get one after the other. */
  readonly snapshot: () => Promise<CollectionResult>;
}

/** @param views - accepted by the SDK */
export function createDeltaMetrics(
  options: DeltaReaderOptions,
  store: MetricStore,
  views: readonly ViewOptions[],
): DeltaMetrics {
  const reader = createDeltaReader(options);
  const storage = createReaderStorage(reader, store, views);
  return {
    mirror: storage.mirror,
    reader: withProducer(reader, storage.combine),
    snapshot: inTurn(() => reader.snapshot()),
  };
}

/** Calls never overlap: two pushes of one snapshot would count its deltas twice. */
export function inTurn<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Makes deltas of totals that are made anew each time, with the same attributes object for the same series. */
export function createDeltaSums(): (metrics: readonly MetricData[]) => MetricData[] {
  const before = new Map<string, Map<object, DataPoint<number>>>();
  const toDelta = (metric: SumMetricData): SumMetricData => {
    const known = before.get(metric.descriptor.name) ?? new Map<object, DataPoint<number>>();
    before.set(metric.descriptor.name, known);
    const dataPoints = metric.dataPoints.map((point) => {
      const last = known.get(point.attributes);
      known.set(point.attributes, point);
      return last === undefined ? point : { ...point, startTime: last.endTime, value: point.value - last.value };
    });
    return { ...metric, aggregationTemporality: AggregationTemporality.DELTA, dataPoints };
  };
  return (metrics) =>
    metrics.map((metric) =>
      metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? toDelta(metric) : metric,
    );
}
