/**
 * What all instruments of the store have in common: a descriptor, series, and data points in the SDK's shape.
 *
 * Layer: metrics.
 */
import { diag, type HrTime, ValueType } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import type { InstrumentDescriptor } from './descriptor.ts';
import type { Exemplar } from '../encode/exemplar.ts';
import type { ExemplarRing } from './exemplar-ring.ts';
import type { SeriesTable } from './series-table.ts';
import type { Series } from './series.ts';

/** A data point that can carry exemplars; the SDK's has no place for them. */
export interface StoredPoint<T> extends DataPoint<T> {
  readonly exemplars?: readonly Exemplar[];
}

/** A point as it is filled in; the SDK's type is read only. */
export type AnyPoint = StoredPoint<unknown>;

/** Makes the point of a series. */
export type PointReader = (series: Series, exemplars: readonly Exemplar[] | undefined) => AnyPoint;

export abstract class StoredInstrument {
  /** Replaced when the same instrument is made again with a longer description. */
  descriptor: InstrumentDescriptor;
  readonly table: SeriesTable;
  readonly exemplars: ExemplarRing | undefined;

  constructor(descriptor: InstrumentDescriptor, table: SeriesTable, exemplars: ExemplarRing | undefined) {
    this.descriptor = descriptor;
    this.table = table;
    this.exemplars = exemplars;
  }

  /** The metric without points; they are put into `dataPoints` afterwards. */
  abstract toMetric(dataPoints: AnyPoint[]): MetricData;

  /** A function that copies the current value of one series after the other. */
  abstract createPointReader(endTime: HrTime): PointReader;

  /** Whether a series idle for too long can be forgotten without making a later total wrong. */
  canExpire(_series: Series): boolean {
    return true;
  }

  /** Frees what belongs to a series that expired. */
  forget(_series: Series): void {}
}

/** Points of instruments whose value is a number. */
export function createNumberReader(endTime: HrTime): PointReader {
  return ({ attributes, startTime, value }, exemplars) =>
    exemplars === undefined
      ? { attributes, startTime, endTime, value }
      : { attributes, startTime, endTime, value, exemplars };
}

/** The value as the instrument takes it, `undefined` if it does not; told through `diag` as the SDK does. */
export function acceptNumber(value: unknown, { name, valueType }: InstrumentDescriptor): number | undefined {
  if (typeof value !== 'number') {
    diag.warn(`non-number value provided to metric ${name}: ${String(value)}`);
    return undefined;
  }
  if (valueType !== ValueType.INT || Number.isInteger(value)) return value;
  diag.warn(`INT value type cannot accept a floating-point value for ${name}, ignoring the fractional digits.`);
  const whole = Math.trunc(value);
  return Number.isInteger(whole) ? whole : undefined;
}
