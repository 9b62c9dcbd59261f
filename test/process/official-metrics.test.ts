/** T44 for metrics: official readers, exporters, views and producers passed to `start()`, beside a provider of the SDK. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type ReceivedPoint, startReceiver } from '../../src/testing.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';
import { runApp } from '../support/run-app.ts';

// The exporters are those that `@opentelemetry/sdk-node` brings along. Parts hold state, so each provider has its own.
const CODE = `
  const { createRequire } = require('node:module');
  const { metrics } = require('@opentelemetry/api');
  const sdk = require('@opentelemetry/sdk-metrics');
  const { resourceFromAttributes } = require('@opentelemetry/resources');
  const official = createRequire(require.resolve('@opentelemetry/sdk-node'));
  const { PrometheusExporter } = official('@opentelemetry/exporter-prometheus');
  const { OTLPMetricExporter } = official('@opentelemetry/exporter-metrics-otlp-http');
  const producer = { collect: async () => ({ errors: [], resourceMetrics: { resource: resourceFromAttributes({}), scopeMetrics: [{
    scope: { name: 'made' }, metrics: [{ descriptor: { name: 'produced', unit: '', description: '', valueType: 1 }, dataPointType: 2,
      aggregationTemporality: 1, dataPoints: [{ startTime: [1, 0], endTime: [2, 0], attributes: {}, value: 7 }] }] }] } }) };
  const parts = (url, temporalityPreference) => {
    const prometheus = new PrometheusExporter({ preventServerStart: true });
    const exporter = new OTLPMetricExporter({ url: url + '/v1/metrics', temporalityPreference });
    const periodic = new sdk.PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000, metricProducers: [producer] });
    return { prometheus, readers: [prometheus, periodic] };
  };
  const views = [
    { instrumentName: 'to.rename', name: 'renamed', description: 'by a view' },
    { instrumentName: 'to.drop', aggregation: { type: sdk.AggregationType.DROP } },
    { instrumentName: 'to.bucket', aggregation: { type: sdk.AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 2] } } },
    { instrumentName: 'to.thin', attributesProcessors: [sdk.createAllowListAttributesProcessor(['kept'])] },
    { instrumentName: 'to.limit', aggregationCardinalityLimit: 3 },
  ];
  const work = (meter) => {
    const counters = ['plain', 'to.rename', 'to.drop', 'to.thin', 'to.limit'].map((name) => meter.createCounter(name));
    const histograms = ['measured', 'to.bucket'].map((name) => meter.createHistogram(name));
    const [upDown, gauge] = [meter.createUpDownCounter('level'), meter.createGauge('now')];
    meter.createObservableCounter('seen').addCallback((result) => result.observe(5, { a: 1 }));
    return () => {
      for (let id = 0; id < 6; id++) for (const counter of counters) counter.add(id, { kept: id % 2 === 0, id });
      for (const value of [0.5, 1.5, 30]) for (const histogram of histograms) histogram.record(value, { a: 1 });
      upDown.add(-2); gauge.record(4);
    };
  };
  const pageOf = (prometheus) => new Promise((resolve) => {
    let page = '';
    prometheus.getMetricsRequestHandler({}, { setHeader() {}, end: (text) => resolve(text) });
  });
  (async () => {
    const [ours, theirs] = [process.env.OURS, process.env.THEIRS].map((url) => parts(url, Number(process.env.TEMPORALITY)));
    const telemetry = require('duotel').start({ metricReaders: ours.readers, views, metricProducers: [producer] });
    const oracle = new sdk.MeterProvider({ resource: resourceFromAttributes({}), readers: theirs.readers, views });
    const works = [work(metrics.getMeter('app')), work(oracle.getMeter('app'))];
    for (let round = 0; round < 2; round++) {
      for (const each of works) each();
      await telemetry.forceFlush();
      await oracle.forceFlush();
    }
    console.log(JSON.stringify([await pageOf(ours.prometheus), await pageOf(theirs.prometheus)]));
    // A shutdown of ours begins with a flush.
    await telemetry.shutdown();
    await oracle.forceFlush();
    await oracle.shutdown();
  })();`;

/** What a point says, its times aside. */
const plain = (point: ReceivedPoint): unknown => ({ ...point, startNanos: 0n, timeNanos: 0n });

for (const [temporality, number] of [
  ['delta', 0],
  ['cumulative', 1],
] as const) {
  test(`T44 official exporters, views and producers say what they say with the SDK, ${temporality}`, async (t) => {
    const [ours, theirs, own] = [await startReceiver(), await startReceiver(), await startReceiver()];
    t.after(() => Promise.all([ours.close(), theirs.close(), own.close()]));
    const { code, stdout, stderr } = await runApp({
      code: CODE,
      type: 'cjs',
      nodeArgs: [],
      env: {
        OURS: ours.url,
        THEIRS: theirs.url,
        TEMPORALITY: String(number),
        OTEL_EXPORTER_OTLP_ENDPOINT: own.url,
        OTEL_SERVICE_NAME: 'shop',
      },
    });
    equal(code, 0, stderr);
    // What a view limits is told; the SDK keeps it to itself.
    match(stderr, /^DUOTEL_METRIC_OVERFLOW Metric "to\.limit"[^\n]*\n$/);
    const seen = [ours, theirs].map(({ metrics }) =>
      metrics
        .map(({ name, type, temporality: sent, description, scope, points }) => ({
          name,
          type,
          sent,
          description,
          scope: scope.name,
          points: points.map(plain),
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    );
    ok((seen[0]?.length ?? 0) > 16, `${seen[0]?.length} metrics`);
    deepEqual(seen[0], seen[1]);
    const pages = (JSON.parse(stdout) as string[]).map((page) => {
      const families = parsePrometheus(page);
      families.delete('target_info');
      return [...families.values()].sort((a, b) => a.name.localeCompare(b.name));
    });
    deepEqual(pages[0], pages[1]);
    const names = new Set(own.metrics.map(({ name }) => name));
    ok(
      ['renamed', 'to.thin', 'to.bucket', 'produced'].every((name) => names.has(name)),
      [...names].join(' '),
    );
    equal(names.has('to.drop'), false);
    equal(own.metric('produced')?.value, 7);
  });
}
