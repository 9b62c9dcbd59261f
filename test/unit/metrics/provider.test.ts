import { deepEqual, equal, ok } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MetricReader,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { redirectNotices } from '../../../src/core/notices.ts';
import { createMetrics, type Metrics, type MetricsInput } from '../../../src/metrics/provider.ts';
import { METRICS_CONFIG } from '../../support/metrics-config.ts';
import { until } from '../../support/until.ts';

interface Made {
  readonly metrics: Metrics;
  readonly pushed: ResourceMetrics[];
  readonly lines: string[];
}

function make(t: TestContext, input: Partial<MetricsInput> = {}): Made {
  const lines: string[] = [];
  t.after(redirectNotices((line) => lines.push(line)));
  const pushed: ResourceMetrics[] = [];
  const push = async (snapshot: ResourceMetrics): Promise<unknown> => pushed.push(snapshot);
  const metrics = createMetrics({
    config: METRICS_CONFIG,
    resource: resourceFromAttributes({ 'service.name': 'svc' }),
    push,
    ...input,
  });
  t.after(() => metrics.close());
  return { metrics, pushed, lines };
}

class ManualReader extends MetricReader {
  calls: string[] = [];
  protected override async onForceFlush(): Promise<void> {
    this.calls.push('flush');
  }
  protected override async onShutdown(): Promise<void> {
    this.calls.push('shutdown');
  }
}

/** A user's reader that fails in every call. */
class ThrowingReader extends ManualReader {
  override selectAggregation(): never {
    throw new Error('aggregation');
  }
  override selectAggregationTemporality(): never {
    throw new Error('temporality');
  }
  protected override onForceFlush(): Promise<void> {
    throw new Error('flush');
  }
  protected override onShutdown(): Promise<void> {
    return Promise.reject(new Error('shutdown'));
  }
}

test('push and snapshot give the same metric, with the resource', async (t) => {
  const { metrics, pushed, lines } = make(t);
  metrics.provider.getMeter('test').createCounter('orders').add(2);
  await metrics.flush();
  const { resourceMetrics } = await metrics.snapshot();
  for (const { resource, scopeMetrics } of [resourceMetrics, ...pushed]) {
    equal(resource.attributes['service.name'], 'svc');
    equal(scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value, 2);
  }
  equal(pushed.length, 1);
  deepEqual(lines, []);
});

test('without destination nothing is pushed and flush is done at once', async (t) => {
  const { metrics } = make(t, { push: undefined });
  let calls = 0;
  metrics.provider
    .getMeter('test')
    .createObservableGauge('g')
    .addCallback(() => {
      calls += 1;
    });
  await metrics.flush();
  equal(calls, 0);
});

test('close is silent and final: no push, no snapshot, and callable again', async (t) => {
  const { metrics, pushed } = make(t);
  metrics.provider.getMeter('test').createCounter('orders').add(2);
  await metrics.close();
  await metrics.close();
  await metrics.flush();
  deepEqual(pushed, []);
});

test('readers and views of the user work as with the SDK', async (t) => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const { metrics, pushed } = make(t, { readers: [reader], views: [{ instrumentName: 'orders', name: 'sales' }] });
  const counter = metrics.provider.getMeter('test').createCounter('orders');
  for (let round = 0; round < 2; round += 1) {
    counter.add(5);
    await metrics.flush();
  }
  const value = (snapshot: ResourceMetrics | undefined): unknown => {
    const metric = snapshot?.scopeMetrics[0]?.metrics[0];
    return [metric?.descriptor.name, metric?.dataPoints[0]?.value];
  };
  deepEqual(exporter.getMetrics().map(value), [
    ['sales', 5],
    ['sales', 5],
  ]);
  deepEqual(pushed.map(value), [
    ['sales', 5],
    ['sales', 10],
  ]);
});

test('flush and close reach every reader of the user, also beside one that fails', async (t) => {
  const [throwing, manual] = [new ThrowingReader(), new ManualReader()];
  const { metrics, pushed } = make(t, { readers: [throwing, manual] });
  metrics.provider.getMeter('test').createCounter('orders').add(1);
  await metrics.flush();
  await metrics.close();
  deepEqual(manual.calls, ['flush', 'shutdown']);
  equal(pushed.length, 1);
});

test('a reader or view that cannot be used is named in a notice and costs only itself', async (t) => {
  const taken = new ManualReader();
  make(t, { readers: [taken] });
  const { metrics, pushed, lines } = make(t, {
    readers: [taken, {}, null as never, new ManualReader()],
    views: [{}, { instrumentName: '*', name: 'x' }, null as never, { instrumentName: 'orders', description: 'fine' }],
  });
  metrics.provider.getMeter('test').createCounter('orders').add(1);
  await metrics.flush();
  equal(pushed[0]?.scopeMetrics[0]?.metrics[0]?.descriptor.description, 'fine');
  deepEqual(
    lines.map((line) => /^DUOTEL_CONFIG_INVALID Option (\S+)/.exec(line)?.[1] ?? '').sort((a, b) => a.localeCompare(b)),
    ['metricReaders[0]', 'metricReaders[1]', 'metricReaders[2]', 'views[0]', 'views[1]', 'views[2]'],
  );
});

test('beside readers and views of the user ours collects too, so that the SDK does not stash for it', async (t) => {
  const { metrics } = make(t, {
    push: undefined,
    readers: [new ManualReader()],
    views: [{ instrumentName: '*' }],
    config: { ...METRICS_CONFIG, exportIntervalMillis: 10 },
  });
  let calls = 0;
  metrics.provider
    .getMeter('test')
    .createObservableGauge('g')
    .addCallback(() => {
      calls += 1;
    });
  await until('collections', () => calls >= 2);
});

test('meters that cannot be made record nothing and throw nothing', (t) => {
  const { metrics } = make(t);
  ok(metrics.provider.getMeter(Symbol('s') as never, {} as never).createCounter('c'));
});
