/**
 * Data points as plain objects, like those of the SDK: a user's exporter may copy, clone or print them.
 *
 * Layer: metrics.
 */
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics';

/** Points made before the event loop runs again. */
const POINTS_PER_SLICE = 2_000;

/** The same result with the value of each point as a field of its own. */
export async function toPlainPoints({ resourceMetrics, errors }: CollectionResult): Promise<CollectionResult> {
  const { resource, scopeMetrics } = resourceMetrics;
  const plain: typeof scopeMetrics = [];
  let made = 0;
  for (const { scope, metrics } of scopeMetrics) {
    const plainMetrics: MetricData[] = [];
    for (const metric of metrics) {
      const dataPoints: unknown[] = [];
      for (const point of metric.dataPoints) {
        dataPoints.push({ ...point, value: point.value });
        made += 1;
        if (made % POINTS_PER_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      plainMetrics.push({ ...metric, dataPoints } as MetricData);
    }
    plain.push({ scope, metrics: plainMetrics });
  }
  return { resourceMetrics: { resource, scopeMetrics: plain }, errors };
}
