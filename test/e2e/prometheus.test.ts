/** The Prometheus endpoint as real Prometheus servers and promtool understand it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApp } from '../support/backends-app.ts';
import {
  checkMetrics,
  PROMETHEUS_VERSIONS,
  startPrometheus,
  type PrometheusVersion,
} from '../support/backends-prometheus.ts';
import { freePort, getText, skipWithout, waitFor } from '../support/backends.ts';

const VERSIONS = Object.keys(PROMETHEUS_VERSIONS) as PrometheusVersion[];

for (const version of VERSIONS) {
  const skip = skipWithout(PROMETHEUS_VERSIONS[version]);
  test(`Prometheus ${version} scrapes an application that has only the preload`, { skip }, async (t) => {
    const port = await freePort();
    const app = await startApp(t, 'server.mjs', {
      env: { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
    });
    await Promise.all([1, 2, 3].map(() => getText(`${app.url}/order`)));
    const prometheus = await startPrometheus(t, version, `127.0.0.1:${port}`);

    const value = (promql: string): Promise<number> =>
      waitFor(promql, async () => (await prometheus.query(promql))[0]?.value, prometheus.running);
    assert.equal(await value('shop_orders_total{kind="book"}'), 3);
    assert.equal(await prometheus.scrapeError(), '');
    assert.equal(await value('up{job="app"}'), 1);
    assert.equal(await value('shop_order_value_bytes_count'), 3);
    assert.equal(await value('shop_order_value_bytes_bucket{le=~"100(.0)?"}'), 3);
    assert.equal(await value('target_info{service_name="shop"}'), 1);
    assert.equal(await value('http_server_request_duration_seconds_count{http_response_status_code="200"}'), 3);
    const p95 = await value('histogram_quantile(0.95, sum by (le) (http_server_request_duration_seconds_bucket))');
    assert.ok(p95 > 0 && p95 < 10, `p95 of the requests is ${p95} s`);
    assert.equal(app.stderr(), '');
  });

  test(`promtool ${version} has nothing to say about the page but one thing`, { skip }, async (t) => {
    const port = await freePort();
    const app = await startApp(t, 'server.mjs', { env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } });
    await getText(`${app.url}/order`);
    // The name that `process.unix.file_descriptor.count` of the semantic conventions has in Prometheus.
    const known =
      'code 3: process_unix_file_descriptor_count non-histogram and non-summary metrics should not have "_count" suffix\n';
    assert.equal(checkMetrics(version, await getText(`http://127.0.0.1:${port}/metrics`)), known);
  });
}
