/**
 * How many items a metric snapshot counts as.
 *
 * Layer: encode. Loaded at start-up.
 */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

export function countPoints({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}
