/** One metric, one name: what a real VictoriaMetrics calls OTLP metrics is what `/metrics` calls them (DESIGN §1.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAST_EXPORT, startApp, type App } from '../support/backends-app.ts';
import { startVictoriaMetrics, type VictoriaMetrics } from '../support/backends-victoriametrics.ts';
import { freePort, getText, skipWithout, waitFor, waitUntilEqual, type Owner } from '../support/backends.ts';

const skip = skipWithout('debian-trixie');

/** Series that exist for scraping only; over OTLP the resource and the scope travel beside the metrics. */
const PULL_ONLY = new Set(['target_info', 'otel_scope_info']);

interface Stack {
  readonly app: App;
  readonly page: () => Promise<string>;
  readonly victoria: VictoriaMetrics;
}

async function startStack(owner: Owner): Promise<Stack> {
  const victoria = await startVictoriaMetrics(owner);
  const port = await freePort();
  const app = await startApp(owner, 'instruments.mjs', {
    env: {
      ...FAST_EXPORT,
      OTEL_SERVICE_NAME: 'instruments',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: victoria.otlpMetricsUrl,
    },
  });
  return { app, victoria, page: () => getText(`http://127.0.0.1:${port}/metrics`) };
}

/** Value of each series on a page, summed by name. */
function sumsByName(page: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{.*\})? (\S+)/.exec(line) ?? [];
    if (name !== '' && !PULL_ONLY.has(name)) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

test('OTLP metrics get the names of /metrics in VictoriaMetrics', { skip }, async (t) => {
  const { app, page, victoria } = await startStack(t);
  await getText(app.url); // the metrics of requests are part of it
  const pulled = async (): Promise<Set<string>> => new Set(sumsByName(await page()).keys());
  await waitUntilEqual(async () => new Set(await victoria.names()), pulled);
  assert.ok((await pulled()).has('http_server_request_duration_seconds_bucket'));
  assert.equal(app.stderr(), '');
});

test('OTLP metrics have the values of /metrics in VictoriaMetrics', { skip }, async (t) => {
  const { page, victoria } = await startStack(t);
  const pulled = new Map([...sumsByName(await page())].filter(([name]) => name.startsWith('made_')));
  assert.ok(pulled.size > 100, `only ${pulled.size} names`);
  // Asking for values before the names are there would make VictoriaMetrics remember an empty answer for 10 s.
  await waitFor('the names', async () => (await victoria.names()).length >= pulled.size, victoria.running);
  const pushed = async (): Promise<Map<string, number>> => {
    const series = await victoria.query('sum by (__name__) ({__name__=~"made_.+"})');
    return new Map(series.map(({ labels, value }) => [labels['__name__'] ?? '', value]));
  };
  await waitUntilEqual(pushed, async () => pulled);
});
