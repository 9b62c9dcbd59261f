/**
 * Data points of all kinds as OTLP.
 *
 * Layer: encode. Source: opentelemetry-proto `metrics.proto`.
 */
import { ValueType } from '@opentelemetry/api';
import {
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { ValueWriter } from './attributes.ts';
import { type Exemplar, writeExemplars } from './exemplar.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** A data point of the SDK's shape, as our store makes them. */
export type EncodablePoint<T = unknown> = DataPoint<T> & { readonly exemplars?: readonly Exemplar[] };

/**
 * Writes one point as it stands in the list of its metric, with tag and length.
 *
 * @throws if nothing valid can be made of it; what is written then must be undone
 */
export type PointWriter = (writer: ProtobufWriter, point: EncodablePoint) => void;

/** In the data of every kind of metric. */
const POINT = 0x0a;
/** Lengths of most points take two bytes. */
const LENGTH_BYTES = 2;

/** In points of every kind. */
const START_TIME = 0x11;
const TIME = 0x19;
/** In histograms of both kinds. */
const COUNT = 0x21;
const SUM = 0x29;

/** A writer for the points of one metric; `undefined` if OTLP has no such kind. */
export function createPointWriter(
  { dataPointType, descriptor }: MetricData,
  values: ValueWriter,
): PointWriter | undefined {
  const isInteger = descriptor.valueType === ValueType.INT;
  const writeValue = valueWriterOf(dataPointType, { values, isInteger });
  if (writeValue === undefined) return undefined;
  return (writer, point) => {
    const start = writer.begin(POINT, LENGTH_BYTES);
    writer.nanos(START_TIME, point.startTime);
    writer.nanos(TIME, point.endTime);
    writeValue(writer, point);
    writer.end(start, LENGTH_BYTES);
  };
}

interface Parts {
  readonly values: ValueWriter;
  readonly isInteger: boolean;
}

function valueWriterOf(kind: DataPointType, parts: Parts): PointWriter | undefined {
  switch (kind) {
    case DataPointType.GAUGE:
    case DataPointType.SUM:
      return createNumberWriter(parts) as PointWriter;
    case DataPointType.HISTOGRAM:
      return createHistogramWriter(parts) as PointWriter;
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return createExponentialWriter(parts) as PointWriter;
    default:
      return undefined;
  }
}

type ValuePart<T> = (writer: ProtobufWriter, point: EncodablePoint<T>) => void;

function createNumberWriter(parts: Parts): ValuePart<number> {
  return (writer, point) => {
    if (parts.isInteger) writer.fixed64(0x31, point.value);
    else writer.double(0x21, point.value);
    writeRest(writer, point, parts, { exemplar: 0x2a, attribute: 0x3a });
  };
}

function createHistogramWriter(parts: Parts): ValuePart<Histogram> {
  // All points of a metric have the same ones.
  let boundaries: readonly number[] | undefined;
  let boundariesField: Uint8Array = new Uint8Array();
  return (writer, point) => {
    const { value } = point;
    const { buckets } = value;
    writer.fixed64(COUNT, value.count);
    if (value.sum !== undefined) writer.double(SUM, value.sum);
    writer.fixed64s(0x32, buckets.counts);
    if (buckets.boundaries === boundaries) writer.raw(boundariesField);
    else {
      const start = writer.at;
      writer.doubles(0x3a, buckets.boundaries);
      boundaries = buckets.boundaries;
      boundariesField = writer.copyFrom(start);
    }
    writeRest(writer, point, parts, { exemplar: 0x42, attribute: 0x4a });
    writeRange(writer, value, { min: 0x59, max: 0x61 });
  };
}

function createExponentialWriter(parts: Parts): ValuePart<ExponentialHistogram> {
  return (writer, point) => {
    const { value } = point;
    writer.fixed64(COUNT, value.count);
    if (value.sum !== undefined) writer.double(SUM, value.sum);
    if (value.scale !== 0) writer.integer(0x30, zigzag(value.scale));
    writer.fixed64(0x39, value.zeroCount);
    writeBuckets(writer, 0x42, value.positive);
    writeBuckets(writer, 0x4a, value.negative);
    writeRest(writer, point, parts, { exemplar: 0x5a, attribute: 0x0a });
    writeRange(writer, value, { min: 0x61, max: 0x69 });
  };
}

function writeBuckets(writer: ProtobufWriter, tag: number, buckets: ExponentialHistogram['positive']): void {
  const start = writer.begin(tag, 1);
  if (buckets.offset !== 0) writer.integer(0x08, zigzag(buckets.offset));
  writer.integers(0x12, buckets.bucketCounts);
  writer.end(start, 1);
}

function writeRange(
  writer: ProtobufWriter,
  { min, max }: Pick<Histogram, 'min' | 'max'>,
  tags: Readonly<Record<'min' | 'max', number>>,
): void {
  if (min !== undefined) writer.double(tags.min, min);
  if (max !== undefined) writer.double(tags.max, max);
}

function writeRest(
  writer: ProtobufWriter,
  { attributes, exemplars }: EncodablePoint,
  { values, isInteger }: Parts,
  tags: Readonly<Record<'exemplar' | 'attribute', number>>,
): void {
  if (exemplars !== undefined) writeExemplars(writer, tags.exemplar, exemplars, isInteger);
  // Without one of its attributes a point would be one of another series.
  const leftOut = values.attributes(writer, tags.attribute, attributes);
  if (leftOut > 0) throw new TypeError(`${leftOut} attributes of a data point are no attribute values`);
}

/** `sint32`. */
function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
