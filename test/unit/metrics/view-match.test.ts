import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  AggregationType,
  InstrumentType,
  MeterProvider,
  MetricReader,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';
import fc from '../../support/fast-check.ts';
import { createDescriptor } from '../../../src/metrics/descriptor.ts';
import { createViewJudge } from '../../../src/metrics/view-match.ts';

class PlainReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const word = fc.constantFrom('a', 'b', 'ab', 'a.b', 'axb', 'a+b', 'B');
const pattern = fc.oneof(word, fc.constantFrom('*', 'a*', '*b', 'a*b', '*.*', '?'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const view = fc
  .record({
    instrumentName: maybe(pattern),
    instrumentType: maybe(fc.constantFrom(InstrumentType.COUNTER, InstrumentType.GAUGE)),
    instrumentUnit: maybe(fc.constantFrom('', 's')),
    meterName: maybe(word),
    meterVersion: maybe(fc.constantFrom('', '1')),
    meterSchemaUrl: maybe(fc.constantFrom('u', 'v')),
  })
  .filter((criteria) => Object.values(criteria).some((value) => value !== undefined));

test('an instrument is selected exactly when the SDK selects it', async () => {
  const instrument = fc.record({
    name: word,
    unit: fc.constantFrom('', 's'),
    meterName: word,
    version: maybe(fc.constant('1')),
    schemaUrl: maybe(fc.constant('u')),
  });
  await fc.assert(
    fc.asyncProperty(view, instrument, async (criteria, { name, unit, meterName, version, schemaUrl }) => {
      const selecting = { ...criteria, aggregation: { type: AggregationType.DROP } } as ViewOptions;
      const reader = new PlainReader();
      const provider = new MeterProvider({ readers: [reader], views: [selecting] });
      const options = schemaUrl === undefined ? {} : { schemaUrl };
      provider.getMeter(meterName, version, options).createCounter(name, { unit }).add(1);
      const isDropped = (await reader.collect()).resourceMetrics.scopeMetrics.length === 0;
      const scope = { name: meterName, version: version ?? '', ...options };
      const { storage } = createViewJudge([selecting])(createDescriptor(name, InstrumentType.COUNTER, { unit }), scope);
      equal(storage === 'sdk', isDropped);
    }),
    { numRuns: 500 },
  );
});

test('a view that only sets a limit leaves the instrument to the store, with that limit', () => {
  const judge = createViewJudge([{ instrumentName: 'a*', aggregationCardinalityLimit: 5 }]);
  const verdict = (name: string): unknown => {
    const given = judge(createDescriptor(name, InstrumentType.COUNTER, {}), { name: 's' });
    return given.storage === 'store' ? (given.seriesLimit ?? 'default') : given.storage;
  };
  equal(verdict('ab'), 5);
  equal(verdict('b'), 'default');
});

test('a limit beside any other wish is for the SDK', () => {
  const both: ViewOptions[] = [
    { instrumentName: 'a', aggregationCardinalityLimit: 5 },
    { instrumentName: 'a', description: 'x' },
  ];
  for (const views of [both, [{ ...both[0], ...both[1] }]]) {
    equal(createViewJudge(views)(createDescriptor('a', InstrumentType.COUNTER, {}), { name: 's' }).storage, 'sdk');
  }
});

test('histograms are for the SDK when they are to be exponential', () => {
  const judge = createViewJudge([], 'base2_exponential_bucket_histogram');
  equal(judge(createDescriptor('h', InstrumentType.HISTOGRAM, {}), { name: 's' }).storage, 'sdk');
  equal(judge(createDescriptor('c', InstrumentType.COUNTER, {}), { name: 's' }).storage, 'store');
});
