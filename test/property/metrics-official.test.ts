/** Oracle: what the official serializer writes of a snapshot must decode to the same as what ours writes. */
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type HrTime, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import * as fc from '../support/fast-check.ts';
import type { Exemplar } from '../../src/encode/exemplar.ts';
import { MetricEncoder } from '../../src/encode/metrics.ts';
import { toOtlpJson } from '../../src/encode/otlp-json.ts';
import { METRICS_REQUEST } from '../../src/encode/otlp-schema.ts';
import { readJson } from '../../src/receiver/json-reader.ts';
import { readProtobuf } from '../../src/receiver/protobuf-reader.ts';
import { encodeSnapshot } from '../support/encode-snapshot.ts';

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 200 }));
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 2 ** 32, -(2 ** 32), -1, 2 ** 53, -(2 ** 53), -(2 ** 40) - 1),
);
const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32), -(2 ** 33) - 1),
);
const count = fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat());
const scalar = fc.oneof(text, number, fc.boolean());
const attributes = fc.dictionary(text, fc.oneof(scalar, fc.array(scalar, { maxLength: 4 })), { maxKeys: 6 });
const time: fc.Arbitrary<HrTime> = fc.tuple(fc.nat(2 ** 32), fc.nat(999_999_999));
const few = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { maxLength: 4 });

function points<T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown[]> {
  return few(fc.record({ startTime: time, endTime: time, attributes, value }));
}

const descriptor = (valueType: fc.Arbitrary<ValueType>): fc.Arbitrary<unknown> =>
  fc.record({ name: text, description: text, unit: text, valueType });
const anyDescriptor = descriptor(fc.constantFrom(ValueType.INT, ValueType.DOUBLE));
const temporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE);
const range = { sum: number, min: number, max: number };
const buckets = fc.record({ offset: fc.integer(), bucketCounts: fc.array(count, { maxLength: 40 }) });

function numbers(kind: DataPointType, type: ValueType, value: fc.Arbitrary<number>): fc.Arbitrary<unknown> {
  return fc.record({
    dataPointType: fc.constant(kind),
    descriptor: descriptor(fc.constant(type)),
    aggregationTemporality: temporality,
    dataPoints: points(value),
    isMonotonic: fc.boolean(),
  });
}

const histogram = fc.array(number, { maxLength: 20 }).chain((boundaries) =>
  fc.record({
    dataPointType: fc.constant(DataPointType.HISTOGRAM),
    descriptor: anyDescriptor,
    aggregationTemporality: temporality,
    dataPoints: points(
      fc.record(
        {
          count,
          buckets: fc.record({
            // The same ones mostly, which are remembered.
            boundaries: fc.oneof(fc.constant(boundaries), fc.array(number, { maxLength: 20 })),
            counts: fc.array(count, { maxLength: 20 }),
          }),
          ...range,
        },
        { requiredKeys: ['count', 'buckets'] },
      ),
    ),
  }),
);
const exponential = fc.record({
  dataPointType: fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM),
  descriptor: anyDescriptor,
  aggregationTemporality: temporality,
  dataPoints: points(
    fc.record(
      {
        count,
        scale: fc.integer({ min: -20, max: 40 }),
        zeroCount: count,
        positive: buckets,
        negative: buckets,
        ...range,
      },
      { requiredKeys: ['count', 'scale', 'zeroCount', 'positive', 'negative'] },
    ),
  ),
});
const metric = fc.oneof(
  ...[DataPointType.GAUGE, DataPointType.SUM].flatMap((kind) => [
    numbers(kind, ValueType.INT, integer),
    numbers(kind, ValueType.DOUBLE, number),
  ]),
  histogram,
  exponential,
);
const snapshots = fc.record({
  resource: attributes.map((given) => resourceFromAttributes(given as never, { schemaUrl: 'https://schema.test/1' })),
  scopeMetrics: few(
    fc.record({
      scope: fc.record({ name: text, version: fc.option(text, { nil: undefined }), schemaUrl: text }),
      metrics: few(metric),
    }),
  ),
}) as unknown as fc.Arbitrary<ResourceMetrics>;

/** The official serializer also writes metrics and scopes without points. */
function withoutEmpty({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
  return {
    resource,
    scopeMetrics: scopeMetrics
      .map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) }))
      .filter(({ metrics }) => metrics.length > 0),
  };
}

/** JSON has no negative zero. */
function withoutNegativeZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutNegativeZero(each)]));
}

test('a snapshot decodes to what the official serializer wrote of it', () => {
  const encoder = new MetricEncoder();
  fc.assert(
    fc.property(snapshots, (given) => {
      const snapshot = withoutEmpty(given);
      const official = ProtobufMetricsSerializer.serializeRequest(snapshot) as Uint8Array;
      const expected = readProtobuf(METRICS_REQUEST, official);
      ok(expected.ok);
      for (let round = 0; round < 3; round += 1) {
        const { bytes, unencodableItems } = encodeSnapshot(given, encoder);
        deepEqual([readProtobuf(METRICS_REQUEST, bytes), unencodableItems], [expected, 0]);
        deepEqual(readJson(METRICS_REQUEST, toOtlpJson(METRICS_REQUEST, bytes)), withoutNegativeZero(expected));
      }
    }),
    { numRuns: 600 },
  );
});

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id.fill(1, 0, 1)).toString('hex'));
const exemplar: fc.Arbitrary<Exemplar> = fc.record({
  value: integer,
  timeMillis: fc.nat(2 ** 41),
  traceId: hex(16),
  spanId: hex(8),
});

test('exemplars of points of every kind are added to that, and nothing else', () => {
  fc.assert(
    fc.property(snapshots, few(exemplar), (given, exemplars) => {
      const withExemplars = {
        resource: given.resource,
        scopeMetrics: given.scopeMetrics.map(({ scope, metrics }) => ({
          scope,
          metrics: metrics.map((each) => ({
            ...each,
            dataPoints: each.dataPoints.map((point) => ({ ...point, exemplars })),
          })),
        })),
      } as ResourceMetrics;
      const read = (snapshot: ResourceMetrics): unknown =>
        readProtobuf(METRICS_REQUEST, encodeSnapshot(snapshot).bytes);
      const found: unknown[] = [];
      deepEqual(takeExemplars(read(withExemplars), found), takeExemplars(read(given), []));
      const expected = exemplars.map(({ timeMillis, ...rest }) => ({
        ...rest,
        timeNanos: BigInt(timeMillis) * 1_000_000n,
        filteredAttributes: {},
      }));
      for (const each of found) deepEqual(each, expected);
    }),
    { numRuns: 200 },
  );
});

/** A copy without exemplars, which are put into `taken`. */
function takeExemplars(value: unknown, taken: unknown[]): unknown {
  if (Array.isArray(value)) return value.map((each) => takeExemplars(each, taken));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    if (key !== 'exemplars') return [key, takeExemplars(each, taken)];
    taken.push(each);
    return [key, []];
  });
  return Object.fromEntries(entries);
}
