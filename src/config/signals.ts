/**
 * Settles the parts of traces, metrics and logs that are not destinations: sampler, limits, batches, intervals.
 *
 * Source: OpenTelemetry "Environment Variable Specification".
 * Layer: config.
 */
import type {
  BatchLimits,
  LogsConfig,
  MetricsConfig,
  SamplerName,
  SignalOutputs,
  SpanLimits,
  TracesConfig,
} from './config.ts';
import { ratio } from './kinds.ts';
import type { Reader } from './reader.ts';
import { type BatchVariables } from './variables/batch.ts';
import {
  OTEL_ATTRIBUTE_COUNT_LIMIT,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT,
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT,
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT,
  OTEL_SPAN_EVENT_COUNT_LIMIT,
  OTEL_SPAN_LINK_COUNT_LIMIT,
} from './variables/limits.ts';
import {
  DUOTEL_METRICS_CARDINALITY_LIMIT,
  DUOTEL_METRICS_EXPIRE_AFTER,
  DUOTEL_METRICS_FIRST_VALUES,
  DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT,
} from './variables/metric-limits.ts';
import {
  DUOTEL_RUNTIME_METRICS,
  HISTOGRAM_AGGREGATION,
  OTEL_METRICS_EXEMPLAR_FILTER,
  OTEL_METRIC_EXPORT_INTERVAL,
  OTEL_METRIC_EXPORT_TIMEOUT,
} from './variables/metrics.ts';
import { OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, type SpecifiedSampler } from './variables/traces.ts';

const SAMPLERS: readonly SamplerName[] = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];
const DEFAULT_SAMPLER: SamplerName = 'parentbased_always_on';

/** The sampler; the ratio is read only for samplers that use one. */
export function resolveSampler(reader: Reader): TracesConfig['sampler'] {
  const given = reader.value(OTEL_TRACES_SAMPLER);
  const name = isAvailable(given) ? given : unavailableSampler(reader, given);
  return { name, ratio: name.endsWith('traceidratio') ? resolveRatio(reader) : 1 };
}

function isAvailable(name: SpecifiedSampler): name is SamplerName {
  return (SAMPLERS as readonly string[]).includes(name);
}

function unavailableSampler(reader: Reader, name: SpecifiedSampler): SamplerName {
  reader.settle(OTEL_TRACES_SAMPLER, DEFAULT_SAMPLER, 'default');
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_FEATURE_UNAVAILABLE',
    message: `${OTEL_TRACES_SAMPLER.name}=${name} is not available; ${DEFAULT_SAMPLER} is in force. Set one of ${SAMPLERS.join(', ')}.`,
  });
  return DEFAULT_SAMPLER;
}

function resolveRatio(reader: Reader): number {
  const value = ratio.parse(reader.value(OTEL_TRACES_SAMPLER_ARG));
  if (value === undefined) reader.reject(OTEL_TRACES_SAMPLER_ARG, `is not ${ratio.expects}`);
  return value ?? 1;
}

export function resolveSpanLimits(reader: Reader): SpanLimits {
  return {
    attributeValueLengthLimit:
      reader.given(OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT) ?? reader.given(OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT),
    attributeCountLimit: reader.given(OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT) ?? reader.value(OTEL_ATTRIBUTE_COUNT_LIMIT),
    eventCountLimit: reader.value(OTEL_SPAN_EVENT_COUNT_LIMIT),
    linkCountLimit: reader.value(OTEL_SPAN_LINK_COUNT_LIMIT),
    attributePerEventCountLimit: reader.value(OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT),
    attributePerLinkCountLimit: reader.value(OTEL_LINK_ATTRIBUTE_COUNT_LIMIT),
  };
}

export function resolveLogLimits(reader: Reader): LogsConfig['limits'] {
  return {
    attributeValueLengthLimit:
      reader.given(OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT) ?? reader.given(OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT),
    attributeCountLimit: reader.given(OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT) ?? reader.value(OTEL_ATTRIBUTE_COUNT_LIMIT),
  };
}

/** Limits of one batch processor; a batch is never larger than the queue it is taken from. */
export function resolveBatch(reader: Reader, variables: BatchVariables): BatchLimits {
  const maxQueueSize = reader.given(variables.maxQueueSize);
  const wanted = reader.value(variables.maxExportBatchSize);
  if (maxQueueSize !== undefined && wanted > maxQueueSize)
    reportClamped(reader, [variables.maxExportBatchSize, variables.maxQueueSize], maxQueueSize);
  return {
    scheduleDelayMillis: reader.value(variables.scheduleDelayMillis),
    exportTimeoutMillis: reader.value(variables.exportTimeoutMillis),
    maxQueueSize,
    maxExportBatchSize: Math.min(wanted, maxQueueSize ?? Infinity),
  };
}

/** All of metrics but where they go; a push never takes longer than the interval. */
export function resolveMetricReader(reader: Reader): Omit<MetricsConfig, keyof SignalOutputs | 'scrape'> {
  const exportIntervalMillis = reader.value(OTEL_METRIC_EXPORT_INTERVAL);
  const wanted = reader.value(OTEL_METRIC_EXPORT_TIMEOUT);
  if (wanted > exportIntervalMillis) {
    reportClamped(reader, [OTEL_METRIC_EXPORT_TIMEOUT, OTEL_METRIC_EXPORT_INTERVAL], exportIntervalMillis);
  }
  return {
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(wanted, exportIntervalMillis),
    exemplars: reader.value(OTEL_METRICS_EXEMPLAR_FILTER) !== 'always_off',
    runtime: reader.value(DUOTEL_RUNTIME_METRICS),
    histogramAggregation: reader.value(HISTOGRAM_AGGREGATION),
    limits: {
      seriesPerInstrument: reader.value(DUOTEL_METRICS_CARDINALITY_LIMIT),
      totalSeries: reader.value(DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT),
      firstValues: reader.given(DUOTEL_METRICS_FIRST_VALUES) ?? new Map(),
      expireAfterMillis: reader.given(DUOTEL_METRICS_EXPIRE_AFTER),
    },
  };
}

/** Says that the first of two variables is held down to the second; a notice only if somebody set both. */
function reportClamped(
  reader: Reader,
  [clamped, by]: readonly [BatchVariables[keyof BatchVariables], BatchVariables[keyof BatchVariables]],
  inForce: number,
): void {
  const bothSet = reader.text(clamped) !== undefined && reader.text(by) !== undefined;
  reader.settle(clamped, `${inForce}`);
  reader.report({
    severity: bothSet ? 'notice' : 'info',
    code: 'DUOTEL_CONFIG_CONFLICT',
    message: `${clamped.name} is above ${by.name}; ${inForce} is in force for both. Set it to ${inForce} or less.`,
  });
}
