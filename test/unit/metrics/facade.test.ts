import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createMeterBinding, createMeterFacade } from '../../../src/metrics/facade.ts';

function recorder() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  return {
    provider,
    async values(): Promise<Record<string, unknown>> {
      exporter.reset();
      await provider.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap((resource) => resource.scopeMetrics.flatMap((scope) => scope.metrics));
      await provider.shutdown();
      return Object.fromEntries(metrics.map((metric) => [metric.descriptor.name, metric.dataPoints[0]?.value]));
    },
  };
}

test('instruments made before the provider record after it, and again after a second one', async () => {
  const binding = createMeterBinding();
  const meter = createMeterFacade(binding).getMeter('early');
  const counter = meter.createCounter('c');
  const upDown = meter.createUpDownCounter('u');
  const gauge = meter.createGauge('g');
  meter.createObservableGauge('o').addCallback((result) => result.observe(5));
  const [x, y] = [meter.createObservableCounter('x'), meter.createObservableUpDownCounter('y')];
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(x, 1);
      result.observe(y, 2);
    },
    [x, y],
  );
  counter.add(100);
  for (const add of [1, 10]) {
    const { provider, values } = recorder();
    binding.bind(provider);
    counter.add(add);
    upDown.add(-add);
    gauge.record(add);
    assert.deepEqual(await values(), { c: add, u: -add, g: add, o: 5, x: 1, y: 2 });
  }
});

test('a removed callback is not called with the next provider', async () => {
  const binding = createMeterBinding();
  const meter = createMeterFacade(binding).getMeter('early');
  const observable = meter.createObservableGauge('o');
  const callback = (): void => assert.fail('called');
  observable.addCallback(callback);
  meter.addBatchObservableCallback(callback, [observable]);
  observable.removeCallback(callback);
  meter.removeBatchObservableCallback(callback, [observable]);
  const { provider, values } = recorder();
  binding.bind(provider);
  assert.deepEqual(await values(), {});
});
