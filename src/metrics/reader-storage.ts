/**
 * What a reader of the user gets from the store, and what it needs storage of the SDK for.
 *
 * The store knows cumulative values of the default aggregation. Kinds of instruments a reader wants otherwise (delta,
 * exponential histograms, dropped, a limit of its own) are recorded a second time, into a provider of the SDK that is
 * there for this reader only.
 * Layer: metrics. Public interfaces only.
 */
import type { MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  type IMetricReader,
  InstrumentType,
  MeterProvider,
  type MetricProducer,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { guard } from '../core/guard.ts';
import { guardMeterProvider } from './guarded-meter.ts';
import { mergeResults } from './merge-scopes.ts';
import { toPlainPoints } from './plain-points.ts';
import type { MetricStore } from './store.ts';

/** The SDK's default of `selectCardinalityLimit()`. */
export const DEFAULT_SERIES_LIMIT = 2_000;

/** A provider of the SDK that records for one reader. */
export interface Mirror {
  readonly provider: ApiMeterProvider;
  /** Whether the reader reads this kind of instrument here. */
  readonly takes: (kind: InstrumentType) => boolean;
}

/** Where a reader reads. */
export interface ReaderStorage {
  readonly mirror: Mirror | undefined;
  /** The producer to give to the reader in place of the one of the provider it is registered with. */
  readonly combine: (sdk: MetricProducer) => MetricProducer;
}

/**
 * @param reader - guarded: it does not throw
 * @param views - accepted by the SDK
 */
export function createReaderStorage(
  reader: IMetricReader,
  store: MetricStore,
  views: readonly ViewOptions[],
): ReaderStorage {
  const kinds = Object.values(InstrumentType);
  const mirrored = new Set<InstrumentType>(kinds.filter((kind) => needsSdk(reader, kind)));
  const wants = (kind: InstrumentType): boolean => !mirrored.has(kind);
  const producers: MetricProducer[] = [];
  if (mirrored.size < kinds.length) {
    const filter = mirrored.size === 0 ? undefined : wants;
    producers.push({ collect: async (options) => toPlainPoints(await store.collect(options, filter)) });
  }
  const mirror = mirrored.size === 0 ? undefined : createMirror(reader, mirrored, views);
  if (mirror !== undefined) producers.push(mirror.producer);
  return { mirror, combine: (sdk) => ({ collect: (options) => collectAll(sdk, producers, options) }) };
}

function needsSdk(reader: IMetricReader, kind: InstrumentType): boolean {
  return (
    reader.selectAggregationTemporality(kind) !== AggregationTemporality.CUMULATIVE ||
    reader.selectAggregation(kind).type !== AggregationType.DEFAULT ||
    reader.selectCardinalityLimit?.(kind) !== DEFAULT_SERIES_LIMIT
  );
}

function createMirror(
  reader: IMetricReader,
  kinds: ReadonlySet<InstrumentType>,
  views: readonly ViewOptions[],
): Mirror & { readonly producer: MetricProducer } {
  let bound: MetricProducer | undefined;
  const proxy: IMetricReader = {
    setMetricProducer(producer) {
      bound = producer;
    },
    selectAggregation: (kind) => reader.selectAggregation(kind),
    selectAggregationTemporality: (kind) => reader.selectAggregationTemporality(kind),
    selectCardinalityLimit: (kind) => reader.selectCardinalityLimit(kind),
    collect: (options) => (bound as MetricProducer).collect(options),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new MeterProvider({ readers: [proxy], views: [...views] });
  return {
    provider: guardMeterProvider(provider),
    takes: (kind) => kinds.has(kind),
    producer: { collect: (options) => proxy.collect(options) },
  };
}

async function collectAll(
  sdk: MetricProducer,
  producers: readonly MetricProducer[],
  options: Parameters<MetricProducer['collect']>[0],
): Promise<CollectionResult> {
  const [first, ...others] = await Promise.all([sdk, ...producers].map((producer) => producer.collect(options)));
  return guard('metrics.reader', () => mergeResults(first as CollectionResult, others), first as CollectionResult);
}
