import { ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { DataPointType, type MetricData, MeterProvider } from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { renderText } from '../../src/encode/text.ts';
import { guardMeterProvider } from '../../src/metrics/guarded-meter.ts';
import { SnapshotReader } from '../../src/metrics/reader.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';

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
const text = fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'binary', maxLength: 12 }), fc.string());
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
const attributes = fc.dictionary(text, value, { maxKeys: 5, noNullPrototype: false });
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, Infinity, -Infinity));
const unit = fc.oneof(fc.constantFrom('', '1', 's', 'By/s', '{x}', '%', '/', '°C'), text);
const kind = fc.constantFrom('counter', 'updown', 'gauge', 'histogram', 'observed');
const instrument = fc.record({
  kind,
  scope: fc.constantFrom('a', 'b'),
  name: text,
  unit,
  description: text,
  points: fc.array(fc.tuple(number, attributes), { maxLength: 4 }),
});

test('whatever an application records, a strict parser accepts the page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(instrument, { maxLength: 8 }), attributes, async (instruments, resource) => {
      const reader = new SnapshotReader(50);
      const sdk = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [reader] });
      const provider = guardMeterProvider(sdk);
      for (const { kind, scope, name, points, ...options } of instruments) {
        const meter = provider.getMeter(scope);
        for (const [n, attributes] of points as [number, never][]) {
          if (kind === 'counter') meter.createCounter(name, options).add(n, attributes);
          else if (kind === 'updown') meter.createUpDownCounter(name, options).add(n, attributes);
          else if (kind === 'gauge') meter.createGauge(name, options).record(n, attributes);
          else if (kind === 'histogram') meter.createHistogram(name, options).record(n, attributes);
          else meter.createObservableCounter(name, options).addCallback((result) => result.observe(n, attributes));
        }
      }
      const page = renderText((await reader.snapshot()).resourceMetrics);
      ok(parsePrometheus(Buffer.from(page)).has('target_info'));
    }),
    { numRuns: 500 },
  );
});

const point = fc.record({ attributes, value: fc.oneof(number, value) });
const bounds = fc.array(number, { maxLength: 4 });
const histogramPoint = fc.record({
  attributes,
  value: fc.record({
    buckets: fc.record({ boundaries: bounds, counts: fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }) }),
    sum: fc.option(number, { nil: undefined }),
    count: fc.nat(),
  }),
});
const exponentialPoint = fc.record({
  attributes,
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

test('whatever a foreign metric producer hands over, a strict parser accepts the page', () => {
  fc.assert(
    fc.property(fc.array(metric, { maxLength: 6 }), fc.array(metric, { maxLength: 6 }), (a, b) => {
      const scopeMetrics = [a, b].map((metrics, index) => ({
        scope: { name: `s${index}` },
        metrics: metrics as unknown as MetricData[],
      }));
      const page = renderText({ resource: resourceFromAttributes({}), scopeMetrics });
      ok(parsePrometheus(Buffer.from(page)).has('target_info'));
    }),
    { numRuns: 500 },
  );
});
