/**
 * Variables of metrics: the periodic reader, OTLP preferences, the Prometheus endpoint.
 *
 * Layer: config.
 */
import type { HistogramAggregation, TemporalityPreference } from '../config.ts';
import { millis, oneOf, port, text, toggle } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const OTEL_METRIC_EXPORT_INTERVAL: DefaultedVariable<number> = {
  name: 'OTEL_METRIC_EXPORT_INTERVAL',
  section: 'Metrics',
  kind: millis,
  default: '60000',
  description: 'Time between two pushes of metrics, in milliseconds.',
  source: 'otel-env',
};

export const OTEL_METRIC_EXPORT_TIMEOUT: DefaultedVariable<number> = {
  name: 'OTEL_METRIC_EXPORT_TIMEOUT',
  section: 'Metrics',
  kind: millis,
  default: '30000',
  description: 'Longest time one push of metrics may take, in milliseconds; never more than the interval.',
  source: 'otel-env',
};

export const OTEL_METRICS_EXEMPLAR_FILTER: DefaultedVariable<'always_on' | 'always_off' | 'trace_based'> = {
  name: 'OTEL_METRICS_EXEMPLAR_FILTER',
  section: 'Metrics',
  kind: oneOf('always_on', 'always_off', 'trace_based'),
  default: 'trace_based',
  description:
    'Which measurements may become exemplars: those made in a sampled span, or none (always_off). always_on is the same ' +
    'as trace_based, because an exemplar without a trace leads nowhere.',
  source: 'otel-env',
};

export const TEMPORALITY: DefaultedVariable<TemporalityPreference> = {
  name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  section: 'Metrics',
  kind: oneOf<TemporalityPreference>('cumulative', 'delta', 'lowmemory'),
  default: 'cumulative',
  description: 'Whether OTLP metrics count from the start (cumulative) or from the last push (delta).',
  source: 'otlp-exporter',
};

export const HISTOGRAM_AGGREGATION: DefaultedVariable<HistogramAggregation> = {
  name: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
  section: 'Metrics',
  kind: oneOf<HistogramAggregation>('explicit_bucket_histogram', 'base2_exponential_bucket_histogram'),
  default: 'explicit_bucket_histogram',
  description: 'How histograms are aggregated when no view says otherwise.',
  source: 'otlp-exporter',
};

export const OTEL_EXPORTER_PROMETHEUS_HOST: DefaultedVariable<string> = {
  name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
  section: 'Metrics',
  kind: text,
  default: '127.0.0.1',
  description:
    'Address the Prometheus endpoint listens on; 0.0.0.0 or :: to be reachable from outside, or unix: and the path of a ' +
    'socket, which opens it in every process.',
  source: 'otel-env',
};

export const OTEL_EXPORTER_PROMETHEUS_PORT: DefaultedVariable<number> = {
  name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
  section: 'Metrics',
  kind: port,
  default: '9464',
  description: 'Port of the Prometheus endpoint; 0 for any free one. Setting it opens the endpoint in every process.',
  source: 'otel-env',
};

export const ENABLE_PROMETHEUS_METRICS: Variable<boolean> = {
  name: 'ENABLE_PROMETHEUS_METRICS',
  section: 'Metrics',
  kind: toggle,
  description: 'false closes the Prometheus endpoint, whatever else is set.',
  source: 'common',
};

export const DUOTEL_RUNTIME_METRICS: DefaultedVariable<'on' | 'off'> = {
  name: 'DUOTEL_RUNTIME_METRICS',
  section: 'Metrics',
  kind: oneOf('on', 'off'),
  default: 'on',
  description: 'Whether metrics of event loop, memory, CPU and container are made where metrics have an output.',
  source: 'duotel',
};

export const METRICS_VARIABLES: readonly Variable[] = [
  OTEL_METRIC_EXPORT_INTERVAL,
  OTEL_METRIC_EXPORT_TIMEOUT,
  OTEL_METRICS_EXEMPLAR_FILTER,
  TEMPORALITY,
  HISTOGRAM_AGGREGATION,
  OTEL_EXPORTER_PROMETHEUS_HOST,
  OTEL_EXPORTER_PROMETHEUS_PORT,
  ENABLE_PROMETHEUS_METRICS,
  DUOTEL_RUNTIME_METRICS,
];
