/**
 * Metric snapshots as protobuf, one data point at a time, so that a large one need not hold the event loop.
 *
 * Layer: encode. Loaded with the first snapshot. Source: opentelemetry-proto `metrics.proto`.
 */
import type { InstrumentationScope } from '@opentelemetry/core';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { degrade } from '../core/guard.ts';
import type { Steps } from '../core/slices.ts';
import { type RedactorSource, ValueWriter } from './attributes.ts';
import { createPointWriter, type EncodablePoint, type PointWriter } from './metric-point.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { FramedMetric } from './request-frame.ts';

/** Takes over the point that was written to `writer` from `start` on, with tag and length, and undoes the writing. */
export type KeepPoint = (writer: ProtobufWriter, start: number, metric: FramedMetric) => void;

const POINTS_PER_STEP = 128;

const NAME = 0x0a;
const DESCRIPTION = 0x12;
const UNIT = 0x1a;
const TEMPORALITY = 0x10;
const IS_MONOTONIC = 0x18;

/** Field of `Metric` with the data of each kind. */
const DATA_TAGS: Readonly<Record<DataPointType, number>> = {
  [DataPointType.GAUGE]: 0x2a,
  [DataPointType.SUM]: 0x3a,
  [DataPointType.HISTOGRAM]: 0x4a,
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 0x52,
};

/** Encodes snapshots; remembers attribute keys. Several snapshots may be under way at the same time. */
export class MetricEncoder {
  readonly #values: ValueWriter;
  /** Empty between points. */
  readonly #writer = new ProtobufWriter();

  constructor(redactorOf?: RedactorSource) {
    this.#values = new ValueWriter(redactorOf);
  }

  /**
   * Hands out the points of a snapshot metric by metric. Never throws.
   *
   * @returns the number of data points no valid OTLP can be made of, which were left out
   */
  *encode({ scopeMetrics }: ResourceMetrics, keep: KeepPoint): Steps<number> {
    let leftOut = 0;
    let done = 0;
    for (const { scope, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        const open = this.#open(scope, metric);
        for (const point of metric.dataPoints) {
          if (open === undefined || !this.#write(point, open, keep)) leftOut += 1;
          done += 1;
          if (done % POINTS_PER_STEP === 0) yield;
        }
      }
    }
    return leftOut;
  }

  #open(scope: InstrumentationScope, metric: MetricData): OpenMetric | undefined {
    const start = this.#writer.at;
    try {
      const write = createPointWriter(metric, this.#values);
      return write && { write, framed: this.#frame(scope, metric) };
    } catch (cause) {
      degrade('encode.metrics', cause);
      this.#writer.at = start;
      return undefined;
    }
  }

  #frame(scope: InstrumentationScope, metric: MetricData): FramedMetric {
    const writer = this.#writer;
    const start = writer.at;
    const { name, description, unit } = metric.descriptor;
    this.#values.text(writer, NAME, name);
    if (description) this.#values.text(writer, DESCRIPTION, description);
    if (unit) this.#values.text(writer, UNIT, unit);
    const head = writer.take(start);
    if (metric.dataPointType !== DataPointType.GAUGE) writer.integer(TEMPORALITY, temporalityOf(metric));
    if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) writer.integer(IS_MONOTONIC, 1);
    return { scope, head, dataTag: DATA_TAGS[metric.dataPointType], tail: writer.take(start) };
  }

  #write(point: EncodablePoint, { write, framed }: OpenMetric, keep: KeepPoint): boolean {
    const writer = this.#writer;
    const start = writer.at;
    try {
      write(writer, point);
    } catch (cause) {
      degrade('encode.metrics', cause);
      writer.at = start;
      return false;
    }
    keep(writer, start, framed);
    return true;
  }
}

interface OpenMetric {
  readonly write: PointWriter;
  readonly framed: FramedMetric;
}

/** By number of `AggregationTemporality` in OTLP. */
function temporalityOf({ aggregationTemporality }: MetricData): number {
  return aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2;
}
