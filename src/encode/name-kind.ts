/**
 * Which rules of naming a collected metric follows.
 *
 * Apart from the names, which do without the SDK. Layer: encode.
 */
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { NameKind } from './names.ts';

export function nameKindOf(metric: MetricData): NameKind {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'updown';
    case DataPointType.GAUGE:
      return 'gauge';
    default:
      return 'histogram';
  }
}
