/** Random metrics, hostile in names, attributes and values, for tests of what is made of them. */
import { resourceFromAttributes } from '@opentelemetry/resources';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import * as fc from './fast-check.ts';

const HOSTILE_NAMES = [
  '1x',
  'a.b',
  'a_b',
  'a b',
  'le',
  'quantile',
  '__x',
  '__x__',
  '__name__',
  '',
  '_',
  '...',
  'x',
  'x.count',
  'x_count',
  'x.sum',
  'x.bucket',
  'x_total',
  'x.total',
  'target.info',
  'target_info',
  'naïve',
  '日本',
  '__proto__',
  'constructor',
  'a:b',
  '\ud800',
  'a\nb',
];
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string(),
);
const long = fc.constantFrom('x'.repeat(100_000), '"\\\n'.repeat(30_000), '\ud83d'.repeat(50_000));
const value = fc.oneof(
  { weight: 200, arbitrary: fc.oneof(text, fc.double(), fc.boolean(), fc.bigInt()) },
  {
    weight: 50,
    arbitrary: fc.constantFrom<unknown>(
      null,
      undefined,
      Symbol('s'),
      () => 1,
      { a: 1 },
      Number.NaN,
      -0,
      new Date(Number.NaN),
    ),
  },
  { weight: 50, arbitrary: fc.array(fc.oneof(text, fc.double(), fc.constant(null), fc.bigInt()), { maxLength: 3 }) },
  { weight: 1, arbitrary: long },
);
export const attributes: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(text, value, {
  maxKeys: 5,
  noNullPrototype: false,
});
export const number: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity),
);
export const unit: fc.Arbitrary<string> = fc.oneof(fc.constantFrom('', '1', 's', 'By/s', '{x}', '%', '/', '°C'), text);

// The Python parser takes an escaped quote in an exemplar for the end of the value.
const unquoted = text.map((given) => given.replaceAll('"', ''));
const exemplars = fc.option(
  fc.array(
    fc.oneof(
      fc.record({
        value: number,
        timeMillis: fc.oneof(
          fc.nat(2_000_000_000).map((n) => n * 1_000 + 0.25),
          number,
        ),
        traceId: fc.oneof(fc.constant('a'.repeat(32)), unquoted),
        spanId: fc.oneof(fc.constant('b'.repeat(16)), unquoted),
        attributes: fc.option(fc.dictionary(unquoted, fc.oneof(unquoted, number)), { nil: undefined }),
      }),
      value,
    ),
    { maxLength: 4 },
  ),
  { nil: undefined },
);
const point = fc.record({ attributes, exemplars, value: fc.oneof({ weight: 9, arbitrary: number }, value) });
const bounds = fc.array(number, { maxLength: 4 });
const histogramPoint = fc.record({
  attributes,
  exemplars,
  value: fc.record({
    buckets: fc.record({ boundaries: bounds, counts: fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }) }),
    sum: fc.option(number, { nil: undefined }),
    count: fc.nat(),
  }),
});
const exponentialPoint = fc.record({
  attributes,
  exemplars,
  value: fc.record({
    count: fc.nat(),
    sum: fc.option(number, { nil: undefined }),
    scale: fc.integer({ min: -10, max: 20 }),
    zeroCount: fc.nat(9),
    positive: fc.record({
      offset: fc.integer({ min: -2000, max: 2000 }),
      bucketCounts: fc.array(fc.nat(9), { maxLength: 4 }),
    }),
    negative: fc.record({
      offset: fc.integer({ min: -2000, max: 2000 }),
      bucketCounts: fc.array(fc.nat(9), { maxLength: 4 }),
    }),
  }),
});
const descriptor = fc.record({ name: text, unit, description: text });
const metric = fc.oneof(
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.GAUGE),
    dataPoints: fc.array(point, { maxLength: 4 }),
  }),
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.SUM),
    isMonotonic: fc.boolean(),
    dataPoints: fc.array(point, { maxLength: 4 }),
  }),
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.HISTOGRAM),
    dataPoints: fc.array(histogramPoint, { maxLength: 4 }),
  }),
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM),
    dataPoints: fc.array(exponentialPoint, { maxLength: 4 }),
  }),
);

/** A snapshot as a foreign metric producer may hand it over, types not respected. */
export const randomMetrics: fc.Arbitrary<ResourceMetrics> = fc
  .tuple(attributes, fc.array(metric, { maxLength: 6 }), fc.array(metric, { maxLength: 6 }))
  .map(([resource, ...scopes]) => ({
    resource: resourceFromAttributes(resource as never),
    scopeMetrics: scopes.map((metrics, index) => ({
      scope: { name: `s${index}` },
      metrics: metrics as unknown as MetricData[],
    })),
  }));
