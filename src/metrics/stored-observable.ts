/**
 * Observable instruments: what their callbacks last said.
 *
 * Layer: metrics. Source: OpenTelemetry specification, "Asynchronous instruments".
 */
import type { HrTime, MetricAttributes, Observable, ObservableCallback } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  InstrumentType,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { InstrumentDescriptor } from './descriptor.ts';
import type { SeriesTable } from './series-table.ts';
import type { Series } from './series.ts';
import { toGaugeMetric } from './stored-gauge.ts';
import {
  acceptNumber,
  type AnyPoint,
  createNumberReader,
  type PointReader,
  StoredInstrument,
} from './stored-instrument.ts';

/** What one callback said about one instrument. */
export type Observations = { readonly value: number; readonly attributes: MetricAttributes }[];

/** Where observable instruments leave their callbacks. */
export interface Callbacks {
  add(callback: ObservableCallback, observable: StoredObservable): void;
  remove(callback: ObservableCallback, observable: StoredObservable): void;
}

export class StoredObservable extends StoredInstrument implements Observable {
  readonly #callbacks: Callbacks;
  readonly #isMonotonic: boolean = this.descriptor.type === InstrumentType.OBSERVABLE_COUNTER;
  readonly #isGauge: boolean = this.descriptor.type === InstrumentType.OBSERVABLE_GAUGE;

  constructor(descriptor: InstrumentDescriptor, table: SeriesTable, callbacks: Callbacks) {
    super(descriptor, table, undefined);
    this.#callbacks = callbacks;
  }

  addCallback(callback: ObservableCallback): void {
    this.#callbacks.add(callback, this);
  }

  removeCallback(callback: ObservableCallback): void {
    this.#callbacks.remove(callback, this);
  }

  /** The value as this instrument takes it, `undefined` if it does not. */
  accept(value: unknown): number | undefined {
    return acceptNumber(value, this.descriptor);
  }

  /** Takes over what one callback said; of equal attributes the last one counts. */
  apply(observations: Observations, { number, time }: { readonly number: number; readonly time: HrTime }): void {
    const values = new Map<Series, number>();
    for (const { value, attributes } of observations) {
      const series = this.table.find(attributes);
      const taken = this.#taken(value);
      const adds = this.table.isOverflow(series) && !this.#isGauge;
      values.set(series, adds ? (values.get(series) ?? this.#overflowSoFar(series, number)) + taken : taken);
    }
    for (const [series, value] of values) {
      if (series.collection === 0) series.startTime = time;
      else if (this.#isMonotonic && value < series.value && !this.table.isOverflow(series)) series.startTime = time;
      series.collection = number;
      series.value = value;
      series.isTouched = true;
    }
  }

  toMetric(dataPoints: AnyPoint[]): MetricData {
    if (this.#isGauge) return toGaugeMetric(this, dataPoints);
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

  /** As the SDK has it: a counter cannot be below zero, and a total has no sign of zero. */
  #taken(value: number): number {
    if (this.#isGauge) return value;
    return value === 0 || (this.#isMonotonic && value < 0) ? 0 : value;
  }

  /** What other callbacks of the same collection have put into the overflow. */
  #overflowSoFar(overflow: Series, collection: number): number {
    return overflow.collection === collection ? overflow.value : 0;
  }
}
