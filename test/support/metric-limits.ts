/** Bounds of the metric store as they are when nothing is configured. */
import type { MetricLimits } from '../../src/config/config.ts';

export const DEFAULT_LIMITS: MetricLimits = {
  seriesPerInstrument: 2_000,
  totalSeries: 10_000,
  firstValues: new Map(),
  expireAfterMillis: undefined,
};
