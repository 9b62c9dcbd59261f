/** The configuration of metrics as it is when nothing is configured. */
import type { MetricLimits, MetricsConfig } from '../../src/config/config.ts';

export const DEFAULT_LIMITS: MetricLimits = {
  seriesPerInstrument: 2_000,
  totalSeries: 10_000,
  firstValues: new Map(),
  expireAfterMillis: undefined,
};

/** Metrics that are sent nowhere. */
export const METRICS_CONFIG: MetricsConfig = {
  otlp: undefined,
  moreOtlp: [],
  console: false,
  exportIntervalMillis: 60_000,
  exportTimeoutMillis: 1_000,
  exemplars: false,
  runtime: 'off',
  histogramAggregation: 'explicit_bucket_histogram',
  limits: DEFAULT_LIMITS,
  scrape: { open: 'never', host: '127.0.0.1', port: 0, whenBusy: 'off' },
};
