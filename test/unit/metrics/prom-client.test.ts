import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { degradations } from '../../../src/core/guard.ts';
import { renderText } from '../../../src/encode/text.ts';
import { createBridge } from '../../../src/metrics/bridge.ts';
import { SnapshotReader } from '../../../src/metrics/reader.ts';
import { parsePrometheus } from '../../support/prometheus-parser.ts';
import { captureNotices } from '../../support/scrape-endpoint.ts';

/** What `getMetricsAsJSON()` of prom-client 15 gives. */
const METRICS: readonly object[] = [
  { name: 'orders_total', help: 'Orders.', type: 'counter', values: [{ value: 3, labels: { kind: 1, app: 'x' } }] },
  { name: 'visits', help: '', type: 'counter', values: [{ value: 2, labels: {} }] },
  { name: 'nodejs_active_handles_total', help: '', type: 'gauge', values: [{ value: 7 }] },
  {
    name: 'wait_seconds',
    help: '',
    type: 'histogram',
    values: [
      { value: 1, metricName: 'wait_seconds_bucket', labels: { le: 0.1, k: 'a' } },
      { value: 3, metricName: 'wait_seconds_bucket', labels: { le: 1, k: 'a' } },
      { value: 4, metricName: 'wait_seconds_bucket', labels: { le: '+Inf', k: 'a' } },
      { value: 7.5, metricName: 'wait_seconds_sum', labels: { k: 'a' } },
      { value: 4, metricName: 'wait_seconds_count', labels: { k: 'a' } },
    ],
  },
  {
    name: 'lag_seconds',
    help: '',
    type: 'summary',
    values: [
      { value: 2, labels: { quantile: 0.5 } },
      { value: 4, metricName: 'lag_seconds_sum', labels: {} },
      { value: 2, metricName: 'lag_seconds_count', labels: {} },
    ],
  },
];

async function pageOf(
  registries: readonly object[],
  record: (provider: MeterProvider) => void = () => undefined,
): Promise<ReturnType<typeof parsePrometheus>> {
  const reader = new SnapshotReader(500, { bridge: createBridge(registries) });
  const provider = new MeterProvider({ readers: [reader] });
  record(provider);
  return parsePrometheus(renderText((await reader.snapshot()).resourceMetrics));
}

const registry = (metrics: readonly object[]): object => ({ getMetricsAsJSON: async () => metrics });

suite('a prom-client registry', () => {
  test('appears with the names, labels and values it has', async () => {
    const page = await pageOf([registry(METRICS)]);
    const samples = [...page.values()].flatMap((family) =>
      family.samples.map(
        ({ name, labels, value }) => `${name}${JSON.stringify(Object.fromEntries(Object.entries(labels)))} ${value}`,
      ),
    );
    for (const expected of [
      'orders_total{"app":"x","kind":"1"} 3',
      'visits{} 2',
      'nodejs_active_handles_total{} 7',
      'wait_seconds_bucket{"k":"a","le":"0.1"} 1',
      'wait_seconds_bucket{"k":"a","le":"1"} 3',
      'wait_seconds_bucket{"k":"a","le":"+Inf"} 4',
      'wait_seconds_sum{"k":"a"} 7.5',
      'wait_seconds_count{"k":"a"} 4',
      'lag_seconds{"quantile":"0.5"} 2',
      'lag_seconds_sum{} 4',
      'lag_seconds_count{} 2',
    ])
      ok(samples.includes(expected), `${expected} in\n${samples.join('\n')}`);
    equal(page.get('orders_total')?.type, 'counter');
    equal(page.get('wait_seconds')?.type, 'histogram');
  });

  test('counts since the process began, cumulatively, in a scope of its own', async () => {
    const reader = new SnapshotReader(500, { bridge: createBridge([registry(METRICS)]) });
    const provider = new MeterProvider({ readers: [reader] });
    const [scope] = (await reader.snapshot()).resourceMetrics.scopeMetrics;
    equal(scope?.scope.name, 'duotel/prom-client');
    const [seconds = 0] = scope?.metrics[0]?.dataPoints[0]?.startTime ?? [];
    ok(Math.abs(seconds - performance.timeOrigin / 1000) <= 1);
    await provider.shutdown();
  });

  test('that lets itself be read synchronously, or speaks OpenMetrics, works', async () => {
    const counter = {
      name: 'orders',
      help: '',
      type: 'counter',
      values: [{ value: 3, metricName: 'orders_total', labels: {} }],
    };
    const page = await pageOf([{ getMetricsAsJSON: () => [counter] }]);
    equal(page.get('orders_total')?.samples[0]?.value, 3);
  });
});

suite('trouble', () => {
  test('a name the application has through the API too is its own, told once', async (t) => {
    const lines = captureNotices(t);
    const record = (provider: MeterProvider): void => provider.getMeter('app').createCounter('orders').add(1);
    for (let round = 0; round < 2; round += 1) {
      const page = await pageOf([registry(METRICS), registry(METRICS.slice(1, 2))], record);
      equal(page.get('orders_total')?.samples[0]?.value, 1);
      equal(page.get('visits')?.samples[0]?.value, 2);
    }
    equal(lines.length, 2);
    match(
      lines.join(''),
      /^DUOTEL_METRIC_NAME_TAKEN Metric orders_total of .*\nDUOTEL_METRIC_NAME_TAKEN Metric visits /,
    );
  });

  test('a registry that throws, rejects, hangs or gives nonsense costs its own metrics', async () => {
    const before = degradations()['metrics.bridge']?.count ?? 0;
    const fail = (): never => {
      throw new Error('boom');
    };
    const page = await pageOf([
      { getMetricsAsJSON: fail },
      { getMetricsAsJSON: async () => fail() },
      { getMetricsAsJSON: () => new Promise(() => {}) },
      { getMetricsAsJSON: () => 'nonsense' },
      registry([
        null as unknown as object,
        {},
        { name: 'x', type: 'untyped', values: [] },
        { name: 'y', type: 'gauge', values: 3 },
      ]),
      registry(METRICS),
    ]);
    equal(page.get('orders_total')?.samples[0]?.value, 3);
    ok((degradations()['metrics.bridge']?.count ?? 0) >= before + 7);
  });

  test('what is no registry is named and left out', async (t: TestContext) => {
    const lines = captureNotices(t);
    const page = await pageOf([{}, registry(METRICS)]);
    ok(page.has('orders_total'));
    deepEqual(lines.length, 1);
    match(lines[0] ?? '', /^DUOTEL_CONFIG_INVALID Option prometheusRegistries\[0\]/);
  });
});
