/** The store against the SDK: the same generated workload gives the same metrics, point by point. */
import { deepEqual, equal } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  diag,
  type DiagLogger,
  DiagLogLevel,
  type Meter,
  type MetricAttributes,
  type MetricOptions,
  type Observable,
  ValueType,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type CollectionResult, MeterProvider, MetricReader, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import fc from '../support/fast-check.ts';
import { guardMeterProvider } from '../../src/metrics/guarded-meter.ts';
import { createRoutedProvider } from '../../src/metrics/routed-meter.ts';
import { MetricStore } from '../../src/metrics/store.ts';
import { DEFAULT_LIMITS } from '../support/metrics-config.ts';

type SyncKind = 'Counter' | 'UpDownCounter' | 'Gauge' | 'Histogram';
type ObservableKind = 'ObservableCounter' | 'ObservableUpDownCounter' | 'ObservableGauge';
type Step =
  | { readonly do: 'make'; readonly kind: SyncKind; readonly name: string; readonly options: MetricOptions }
  | { readonly do: 'watch'; readonly kind: ObservableKind; readonly name: string; readonly options: MetricOptions }
  | { readonly do: 'record'; readonly which: number; readonly value: unknown; readonly attributes: unknown }
  | { readonly do: 'show'; readonly which: number; readonly said: readonly (readonly [number, MetricAttributes])[] }
  | { readonly do: 'wait'; readonly millis: number }
  | { readonly do: 'collect' };

interface Side {
  readonly meter: Meter;
  readonly collect: () => Promise<CollectionResult>;
}

class PlainReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function createSdkSide(limit: number): Side {
  const reader = new PlainReader({ cardinalitySelector: () => limit });
  const provider = guardMeterProvider(new MeterProvider({ readers: [reader] }));
  return { meter: provider.getMeter('scope', '1'), collect: () => reader.collect() };
}

function createStoreSide(limit: number): Side {
  const resource = resourceFromAttributes({});
  const store = new MetricStore({ resource, limits: { ...DEFAULT_LIMITS, seriesPerInstrument: limit } });
  const provider = createRoutedProvider({
    store,
    sdk: new MeterProvider(),
    mirrors: [],
    judge: () => ({ storage: 'store' }),
  });
  return { meter: provider.getMeter('scope', '1'), collect: () => store.collect() };
}

/** Plays the steps and gives what each collection saw, and how many warnings there were. */
async function play(t: TestContext, side: Side, steps: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  let warnings = 0;
  // The SDK repeats that a name is invalid whenever it changes a description.
  const count = (message: string): void => {
    if (!message.startsWith('Invalid metric name')) warnings += 1;
  };
  diag.setLogger({ error: count, warn: count, info() {}, debug() {}, verbose() {} } satisfies DiagLogger, {
    logLevel: DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  });
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_123 });
  const made: { add?: Function; record?: Function }[] = [];
  const watched: { said: readonly (readonly [number, MetricAttributes])[] }[] = [];
  for (const step of steps) {
    switch (step.do) {
      case 'make':
        made.push(side.meter[`create${step.kind}`](step.name, step.options));
        break;
      case 'watch': {
        const shown = { said: [] as readonly (readonly [number, MetricAttributes])[] };
        const observable: Observable = side.meter[`create${step.kind}`](step.name, step.options);
        // The SDK forgets a reset if two callbacks observe the same series of a counter.
        const own = step.kind === 'ObservableCounter' ? { by: watched.length } : {};
        observable.addCallback((result) =>
          shown.said.forEach(([value, attributes]) => result.observe(value, { ...attributes, ...own })),
        );
        watched.push(shown);
        break;
      }
      case 'record': {
        const instrument = made[step.which % made.length];
        (instrument?.add ?? instrument?.record)?.call(instrument, step.value, step.attributes);
        break;
      }
      case 'show': {
        const shown = watched[step.which % watched.length];
        if (shown !== undefined) shown.said = step.said;
        break;
      }
      case 'wait':
        t.mock.timers.tick(step.millis);
        break;
      case 'collect': {
        const { resourceMetrics, errors } = await side.collect();
        equal(errors.length, 0);
        seen.push(plain(resourceMetrics.scopeMetrics));
      }
    }
  }
  seen.push(warnings);
  return seen;
}

/** What leaves the process, without the difference between a missing and an undefined field. */
function plain(scopes: readonly ScopeMetrics[]): unknown {
  return scopes.map(({ scope, metrics }) => ({
    scope: { name: scope.name, version: scope.version },
    metrics: metrics.map(({ descriptor: { name, unit, description, valueType }, dataPoints, ...rest }) => ({
      ...rest,
      descriptor: { name, unit, description, valueType },
      dataPoints: dataPoints.map(({ value, ...point }) => ({
        ...point,
        value: typeof value === 'number' ? value : { min: undefined, max: undefined, ...value },
      })),
    })),
  }));
}

const name = fc.constantFrom('a', 'b', 'B', 'c.d', '1x', 'no good');
const options: fc.Arbitrary<MetricOptions> = fc.record(
  {
    unit: fc.constantFrom('', 's', 'By'),
    description: fc.constantFrom('', 'short', 'a longer one'),
    valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE),
    advice: fc.record({
      explicitBucketBoundaries: fc.array(fc.constantFrom(0, 1, 2, 5, 10, 0.25, -3, Infinity, -Infinity), {
        maxLength: 6,
        size: 'max',
      }),
    }),
  },
  { requiredKeys: [] },
);
// Multiples of 1/4 add up without rounding, in whatever order.
const finite = fc.integer({ min: -400, max: 4000 }).map((value) => value / 4);
const value = fc.oneof(
  { weight: 8, arbitrary: finite },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(Number.NaN, Infinity, -Infinity, -0, '5', null, undefined, 3n) },
);
const attributeValue = fc.constantFrom<unknown>(
  'a',
  'b',
  '',
  '1',
  1,
  1.5,
  -0,
  0,
  true,
  false,
  'x'.repeat(300),
  2n,
  null,
  undefined,
  {},
  ['a'],
  ['a', null, 1],
  [{}],
  '["a"]',
);
const attributes = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.dictionary(fc.constantFrom('k', 'l', 'http.method', '', 'otel.metric.overflow'), attributeValue, {
      maxKeys: 3,
      size: 'max',
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 5, 'text') },
);
const record = fc.record({ do: fc.constant('record' as const), which: fc.nat(9), value, attributes });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: record },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('make' as const),
      kind: fc.constantFrom<SyncKind>('Counter', 'UpDownCounter', 'Gauge', 'Histogram'),
      name,
      options,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('watch' as const),
      kind: fc.constantFrom<ObservableKind>('ObservableCounter', 'ObservableUpDownCounter', 'ObservableGauge'),
      name,
      options,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('show' as const),
      which: fc.nat(4),
      said: fc.array(fc.tuple(finite, attributes as fc.Arbitrary<MetricAttributes>), { maxLength: 4, size: 'max' }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), millis: fc.constantFrom(1, 999, 60_000) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'collect' }) },
);
const first: readonly Step[] = (['Counter', 'UpDownCounter', 'Gauge', 'Histogram'] as const).map((kind) => ({
  do: 'make',
  kind,
  name: kind,
  options: {},
}));

test('a workload gives the same points, times and warnings as the SDK', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const all: Step[] = [...first, ...steps, { do: 'collect' }];
      deepEqual(await play(t, createStoreSide(2000), all), await play(t, createSdkSide(2000), all));
    }),
    { numRuns: 300 },
  );
});

test('within one collection the overflow is that of the SDK', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(record, { maxLength: 80, size: 'max' }),
      async (limit, records) => {
        const all: Step[] = [...first, ...records, { do: 'collect' }];
        deepEqual(await play(t, createStoreSide(limit), all), await play(t, createSdkSide(limit), all));
      },
    ),
    { numRuns: 150 },
  );
});
