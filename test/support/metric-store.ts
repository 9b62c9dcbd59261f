/** A store with meters, and ways to read it, for tests. */
import type { Meter, MeterProvider as ApiMeterProvider } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createRoutedProvider } from '../../src/metrics/routed-meter.ts';
import { MetricStore, type StoreOptions } from '../../src/metrics/store.ts';
import { DEFAULT_LIMITS } from './metrics-config.ts';
import type { MetricLimits } from '../../src/config/config.ts';

export interface TestStore {
  readonly store: MetricStore;
  readonly provider: ApiMeterProvider;
  readonly meter: Meter;
  /** Points of a metric as the synchronous snapshot has them. */
  readonly points: (name: string) => MetricData['dataPoints'][number][];
  /** Values by attributes as JSON. */
  readonly values: (name: string) => Record<string, unknown>;
}

export function createTestStore(limits: Partial<MetricLimits> = {}, options: Partial<StoreOptions> = {}): TestStore {
  const resource = resourceFromAttributes({ 'service.name': 'svc' });
  const store = new MetricStore({ resource, limits: { ...DEFAULT_LIMITS, ...limits }, ...options });
  const provider = createRoutedProvider({
    store,
    sdk: new MeterProvider(),
    mirrors: [],
    judge: () => ({ storage: 'store' }),
  });
  const points = (name: string): MetricData['dataPoints'][number][] => pointsOf(store.snapshotNow(), name);
  return {
    store,
    provider,
    meter: provider.getMeter('test'),
    points,
    values: (name) =>
      Object.fromEntries(points(name).map(({ attributes, value }) => [JSON.stringify(attributes), value])),
  };
}

export function pointsOf({ scopeMetrics }: ResourceMetrics, name: string): MetricData['dataPoints'][number][] {
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => [...dataPoints]);
}
