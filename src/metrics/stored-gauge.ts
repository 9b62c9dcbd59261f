/**
 * Synchronous gauges: the last value stands.
 *
 * Layer: metrics.
 */
import { type Context, type HrTime, type MetricAttributes, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import type { Recorder } from './instrument.ts';
import {
  acceptNumber,
  type AnyPoint,
  createNumberReader,
  type PointReader,
  StoredInstrument,
} from './stored-instrument.ts';

/** Keeps the last value. Never throws. */
export class StoredGauge extends StoredInstrument implements Recorder {
  readonly #isInteger: boolean = this.descriptor.valueType === ValueType.INT;

  record(value: number, attributes?: MetricAttributes, context?: Context): void {
    try {
      const accepted = typeof value === 'number' && !this.#isInteger ? value : acceptNumber(value, this.descriptor);
      if (accepted === undefined) return;
      const series = this.table.record(attributes);
      series.value = accepted;
      series.isTouched = true;
      this.exemplars?.offer(series, accepted, 0, context);
    } catch (cause) {
      degrade('metrics.record', cause);
    }
  }

  toMetric(dataPoints: AnyPoint[]): MetricData {
    return toGaugeMetric(this, dataPoints);
  }

  createPointReader(endTime: HrTime): PointReader {
    return createNumberReader(endTime);
  }
}

/** The form of gauges, observed ones too. */
export function toGaugeMetric({ descriptor }: StoredInstrument, dataPoints: AnyPoint[]): MetricData {
  return {
    descriptor,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPointType: DataPointType.GAUGE,
    dataPoints: dataPoints as DataPoint<number>[],
  };
}
