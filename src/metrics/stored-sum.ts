/**
 * Counters and up-down counters.
 *
 * Layer: metrics.
 */
import { type Context, diag, type HrTime, type MetricAttributes, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  InstrumentType,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import type { Adder } from './instrument.ts';
import type { Series } from './series.ts';
import {
  acceptNumber,
  type AnyPoint,
  createNumberReader,
  type PointReader,
  StoredInstrument,
} from './stored-instrument.ts';

/** Adds up. Never throws. */
export class StoredSum extends StoredInstrument implements Adder {
  readonly #isMonotonic: boolean = this.descriptor.type === InstrumentType.COUNTER;
  readonly #isInteger: boolean = this.descriptor.valueType === ValueType.INT;

  add(value: number, attributes?: MetricAttributes, context?: Context): void {
    try {
      if (this.#isMonotonic && value < 0) {
        diag.warn(`negative value provided to counter ${this.descriptor.name}: ${value}`);
        return;
      }
      const accepted = typeof value === 'number' && !this.#isInteger ? value : acceptNumber(value, this.descriptor);
      if (accepted === undefined) return;
      const series = this.table.record(attributes);
      series.value += accepted;
      series.isTouched = true;
      this.exemplars?.offer(series, accepted, 0, context);
    } catch (cause) {
      degrade('metrics.record', cause);
    }
  }

  toMetric(dataPoints: AnyPoint[]): MetricData {
    return {
      descriptor: this.descriptor,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      dataPoints: dataPoints as DataPoint<number>[],
      isMonotonic: this.#isMonotonic,
    };
  }

  createPointReader(endTime: HrTime): PointReader {
    return createNumberReader(endTime);
  }

  /** What an up-down counter counts is there as long as its total is not zero, however long nothing changes. */
  override canExpire(series: Series): boolean {
    return this.#isMonotonic || series.value === 0;
  }
}
