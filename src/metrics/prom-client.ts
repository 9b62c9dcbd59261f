/**
 * Metrics an application already has in prom-client registries, on every output of ours.
 *
 * A registry is told by `getMetricsAsJSON()`, so that no version and no copy of prom-client matters. Names stay as
 * they are: a counter whose translated name would differ (`orders` would become `orders_total`) is handed over as a
 * sum that may fall, which has the same values and keeps its name. OTLP's summaries do not exist in the SDK: quantiles
 * become a gauge, sum and count two such sums, which again have the names and values they had.
 * Layer: metrics. Loaded when `start()` is given registries.
 */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { degrade, describeCause } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { PrometheusRegistryLike } from '../config/options.ts';
import { createNamer } from '../encode/names.ts';
import { type PromSample, toHistograms } from './prom-histogram.ts';

const namer = createNamer();

/** Scope under which the bridged metrics stand. */
export const BRIDGE_SCOPE = 'duotel/prom-client';

/** Longest time a registry may take; its metrics may have `collect` functions of their own. */
const REGISTRY_MILLIS = 1_000;

/** One metric of `getMetricsAsJSON()`. */
interface PromMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly PromSample[];
}

/** What is no registry is named in a notice and left out. */
export function createPromClientProducer(registries: readonly object[]): MetricProducer {
  const usable = (registries as readonly PrometheusRegistryLike[]).filter((registry, index) => {
    if (typeof registry?.getMetricsAsJSON === 'function') return true;
    const message = `Option prometheusRegistries[${index}] is no registry of prom-client and is left out.`;
    notify({ code: 'DUOTEL_CONFIG_INVALID', message: `${message} All other metrics are unaffected.` });
    return false;
  });
  return {
    async collect(): Promise<CollectionResult> {
      const read = await Promise.all(usable.map(readRegistry));
      const times = { startTime: millisToHrTime(performance.timeOrigin), endTime: millisToHrTime(Date.now()) };
      const metrics = read.flat().flatMap((metric) => toMetricData(metric, times));
      const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: BRIDGE_SCOPE }, metrics }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

/** Never rejects: a registry that fails costs its own metrics. */
async function readRegistry(registry: PrometheusRegistryLike): Promise<readonly PromMetric[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const cause = new Error(`a prom-client registry gave no metrics within ${REGISTRY_MILLIS} ms`);
    timer = setTimeout(() => reject(cause), REGISTRY_MILLIS).unref();
  });
  try {
    return (await Promise.race([registry.getMetricsAsJSON(), late])) as readonly PromMetric[];
  } catch (cause) {
    degrade('metrics.bridge', cause);
    return [];
  } finally {
    clearTimeout(timer);
  }
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toMetricData(metric: PromMetric, times: Times): MetricData[] {
  try {
    return convert(metric, times);
  } catch (cause) {
    degrade('metrics.bridge', new Error(`${metric?.name}: ${describeCause(cause)}`));
    return [];
  }
}

function convert(metric: PromMetric, times: Times): MetricData[] {
  const { name, type, values } = metric;
  switch (type) {
    case 'counter': {
      // In an OpenMetrics registry only the samples have the suffix.
      const sampleName = values[0]?.metricName ?? name;
      return [toSum(metric, sampleName, values, times)];
    }
    case 'gauge':
      return [toGauge(metric, values, times)];
    case 'histogram': {
      const dataPoints = toHistograms(name, values).map((point) => ({ ...times, ...point }));
      return [{ ...describe(metric, name), dataPointType: DataPointType.HISTOGRAM, dataPoints }];
    }
    case 'summary':
      return [
        toGauge(
          metric,
          values.filter(({ metricName }) => metricName === undefined || metricName === name),
          times,
        ),
        ...['_sum', '_count'].map((suffix) =>
          toSum(
            metric,
            name + suffix,
            values.filter(({ metricName }) => metricName === name + suffix),
            times,
          ),
        ),
      ];
    default:
      throw new TypeError(`metrics of type ${type} are not known`);
  }
}

function describe({ help }: PromMetric, name: string): Pick<MetricData, 'descriptor' | 'aggregationTemporality'> {
  return {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function toGauge(metric: PromMetric, values: readonly PromSample[], times: Times): MetricData {
  return {
    ...describe(metric, metric.name),
    dataPointType: DataPointType.GAUGE,
    dataPoints: toPoints(values, times),
  };
}

function toSum(metric: PromMetric, name: string, values: readonly PromSample[], times: Times): MetricData {
  return {
    ...describe(metric, name),
    dataPointType: DataPointType.SUM,
    isMonotonic: namer.metricName({ name, unit: '', kind: 'counter' }) === name,
    dataPoints: toPoints(values, times),
  };
}

function toPoints(values: readonly PromSample[], times: Times): DataPoint<number>[] {
  return values
    .filter(({ value }) => typeof value === 'number')
    .map(({ value, labels }) => ({ ...times, attributes: toAttributes(labels), value }));
}

function toAttributes(labels: PromSample['labels']): Attributes {
  return Object.fromEntries(Object.entries(labels ?? {}).map(([key, value]) => [key, String(value)]));
}
