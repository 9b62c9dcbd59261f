/**
 * Readers, producers and views the user hands to `start()`: used as they are, but a broken one costs only itself.
 *
 * Layer: metrics.
 */
import type { MetricAttributes } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type CollectionResult,
  type IMetricReader,
  MeterProvider,
  type MetricCollectOptions,
  type MetricProducer,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { createDeadline, withinDeadline } from '../core/deadline.ts';
import { acceptParts, leaveOut, listOf, type PartKind, UserPart } from '../core/user-part.ts';
import { mergeResults } from './merge-scopes.ts';

const DEFAULT_AGGREGATION: AggregationOption = { type: AggregationType.DEFAULT };

/** Cardinality limit of the SDK, for readers written before it existed. */
const DEFAULT_CARDINALITY_LIMIT = 2000;

/** The views the SDK accepts, their attribute processors guarded; each other one is named in a notice. */
export function acceptViews(views: unknown): ViewOptions[] {
  return listOf('views', views).flatMap((given, index) => {
    const name = `views[${index}]`;
    try {
      const view = guardView(given as ViewOptions, name);
      // The SDK checks a view only when a provider is made with it.
      void new MeterProvider({ views: [view] });
      return [view];
    } catch (cause) {
      leaveOut(name, cause);
      return [];
    }
  });
}

/** The readers, behind a guard each; what is no reader is named in a notice. */
export function acceptReaders(readers: unknown): IMetricReader[] {
  return acceptParts('metricReaders', readers, METRIC_READER);
}

/** The producers, behind a guard each; what is no producer is named in a notice. */
export function acceptProducers(producers: unknown): MetricProducer[] {
  return acceptParts('metricProducers', producers, METRIC_PRODUCER);
}

/** The reader as it is, but with another producer than the one of the provider it is registered with. */
export function withProducer(reader: IMetricReader, combine: (sdk: MetricProducer) => MetricProducer): IMetricReader {
  return {
    setMetricProducer: (sdk) => reader.setMetricProducer(combine(sdk)),
    selectAggregation: (kind) => reader.selectAggregation(kind),
    selectAggregationTemporality: (kind) => reader.selectAggregationTemporality(kind),
    selectCardinalityLimit: (kind) => reader.selectCardinalityLimit(kind),
    collect: (options) => reader.collect(options),
    forceFlush: (options) => reader.forceFlush(options),
    shutdown: (options) => reader.shutdown(options),
  };
}

/** A measurement whose attributes cannot be processed is recorded without any: which may be shown is not known. */
function guardView(view: ViewOptions, name: string): ViewOptions {
  const { attributesProcessors } = view;
  if (attributesProcessors === undefined) return view;
  const part = new UserPart(name, 'What it is applied to is recorded without attributes.');
  const guarded = attributesProcessors.map((processor): (typeof attributesProcessors)[number] => ({
    process(incoming, context) {
      try {
        return copyOf(processor.process(incoming, context));
      } catch (cause) {
        part.failed(cause);
        return {};
      }
    },
  }));
  return { ...view, attributesProcessors: guarded };
}

/** The SDK keeps what it is given; only an object will do. */
function copyOf(attributes: unknown): MetricAttributes {
  if (typeof attributes !== 'object' || attributes === null) throw new TypeError('its answer has no attributes');
  return { ...attributes };
}

const METRIC_READER: PartKind<IMetricReader, IMetricReader> = {
  noun: 'a MetricReader',
  methods: ['setMetricProducer'],
  remaining: 'All other metrics are unaffected.',
  guard: guardReader,
};

function guardReader(reader: IMetricReader, part: UserPart): IMetricReader {
  const ask = <T>(question: () => T, fallback: T): T => {
    try {
      return question();
    } catch (cause) {
      part.failed(cause);
      return fallback;
    }
  };
  return {
    setMetricProducer(producer) {
      try {
        reader.setMetricProducer(producer);
      } catch (cause) {
        leaveOut(part.name, cause);
      }
    },
    selectAggregation: (type) => ask(() => reader.selectAggregation(type), DEFAULT_AGGREGATION),
    selectAggregationTemporality: (type) =>
      ask(() => reader.selectAggregationTemporality(type), AggregationTemporality.CUMULATIVE),
    // Optional at run time: readers written before it existed do not have it.
    selectCardinalityLimit: (type) =>
      ask(() => reader.selectCardinalityLimit?.(type) ?? DEFAULT_CARDINALITY_LIMIT, DEFAULT_CARDINALITY_LIMIT),
    collect: (options) => reader.collect(options),
    forceFlush: (options) => part.settle(() => reader.forceFlush(options)),
    shutdown: (options) => part.settle(() => reader.shutdown(options)),
  };
}

/** Longest time a collection waits for a producer. */
const PRODUCER_TIMEOUT_MILLIS = 1_000;

const METRIC_PRODUCER: PartKind<MetricProducer, MetricProducer> = {
  noun: 'a MetricProducer',
  methods: ['collect'],
  remaining: 'All other metrics are unaffected.',
  guard: (producer, part) => ({ collect: (options) => collectGuarded(producer, part, options) }),
};

async function collectGuarded(
  producer: MetricProducer,
  part: UserPart,
  options: MetricCollectOptions | undefined,
): Promise<CollectionResult> {
  const answer = (async () => mergeResults(await producer.collect(options), []))();
  const raced = await withinDeadline(answer, createDeadline(PRODUCER_TIMEOUT_MILLIS));
  if (raced.status === 'done') return raced.value;
  part.failed(raced.status === 'late' ? new Error(`no answer within ${PRODUCER_TIMEOUT_MILLIS} ms`) : raced.cause);
  return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [] }, errors: [] };
}
