/**
 * Readers and views the user hands to `start()`: used as they are, but a broken one costs only itself.
 *
 * Layer: metrics.
 */
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  type IMetricReader,
  MeterProvider,
  type MetricProducer,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import { describeCause, guard, guardAsync } from '../core/guard.ts';
import { notify } from '../core/notices.ts';

const DEFAULT_AGGREGATION: AggregationOption = { type: AggregationType.DEFAULT };

/** The views the SDK accepts; each other one is named in a notice. */
export function acceptViews(views: readonly object[]): ViewOptions[] {
  return (views as readonly ViewOptions[]).filter((view, index) => {
    try {
      createWithView(view);
      return true;
    } catch (cause) {
      reportUnusable(`views[${index}]`, cause);
      return false;
    }
  });
}

/** The readers, behind a guard each; what is no reader is named in a notice. */
export function acceptReaders(readers: readonly object[]): IMetricReader[] {
  return (readers as readonly IMetricReader[]).flatMap((reader, index) => {
    if (typeof reader?.setMetricProducer === 'function') return [guardReader(reader, `metricReaders[${index}]`)];
    reportUnusable(`metricReaders[${index}]`, new TypeError('not a MetricReader'));
    return [];
  });
}

/** The reader as it is, but with another producer than the one of the provider it is registered with. */
export function withProducer(reader: IMetricReader, combine: (sdk: MetricProducer) => MetricProducer): IMetricReader {
  return { ...reader, setMetricProducer: (sdk) => reader.setMetricProducer(combine(sdk)) };
}

/** The SDK checks a view only when a provider is made with it. */
function createWithView(view: ViewOptions): MeterProvider {
  return new MeterProvider({ views: [view] });
}

function guardReader(reader: IMetricReader, name: string): IMetricReader {
  return {
    setMetricProducer(producer) {
      try {
        reader.setMetricProducer(producer);
      } catch (cause) {
        reportUnusable(name, cause);
      }
    },
    selectAggregation: (type) => guard('metrics.reader', () => reader.selectAggregation(type), DEFAULT_AGGREGATION),
    selectAggregationTemporality: (type) =>
      guard('metrics.reader', () => reader.selectAggregationTemporality(type), AggregationTemporality.CUMULATIVE),
    // Optional at run time: readers written before it existed do not have it.
    selectCardinalityLimit: (type) =>
      guard('metrics.reader', () => reader.selectCardinalityLimit?.(type) ?? 2000, 2000),
    collect: (options) => reader.collect(options),
    forceFlush: (options) => guardAsync('metrics.reader', async () => reader.forceFlush(options), undefined),
    shutdown: (options) => guardAsync('metrics.reader', async () => reader.shutdown(options), undefined),
  };
}

function reportUnusable(name: string, cause: unknown): void {
  notify({
    code: 'DUOTEL_CONFIG_INVALID',
    message: `Option ${name} cannot be used and is left out: ${describeCause(cause)}. All other metrics are unaffected.`,
  });
}
