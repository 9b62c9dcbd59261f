/** Pages of random metrics, and exemplars, as real Prometheus servers understand them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import * as fc from '../support/fast-check.ts';
import { negotiateFormat, PLAIN_TEXT } from '../../src/encode/text-format.ts';
import { PROMETHEUS_VERSIONS, startPrometheus, type PrometheusVersion } from '../support/backends-prometheus.ts';
import { skipWithout, waitFor } from '../support/backends.ts';
import { handMade, pageIn } from '../support/metric-page.ts';
import { servePages, type ServedPage } from '../support/page-server.ts';
import { randomMetrics } from '../support/random-metrics.ts';

const VERSIONS = Object.keys(PROMETHEUS_VERSIONS) as PrometheusVersion[];
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0';

/** A third as the scraper asks for them, a third as text; a third with names in UTF-8 where they are understood. */
function randomPages(count: number): Record<string, ServedPage> {
  const given = fc.sample(randomMetrics, 2 * count).filter((metrics) => pageIn(metrics, PLAIN_TEXT).length < 50_000);
  const variants: readonly Omit<ServedPage, 'metrics'>[] = [
    {},
    { accept: 'text/plain' },
    { config: { translation: 'NoTranslation', scopeLabels: true } },
  ];
  return Object.fromEntries(
    given
      .slice(0, count)
      .map((metrics, index) => [`/${index}`, { metrics, ...variants[index % variants.length] }] as const),
  );
}

for (const version of VERSIONS) {
  const skip = skipWithout(PROMETHEUS_VERSIONS[version]);

  test(`Prometheus ${version} takes pages of whatever is recorded`, { skip }, async (t) => {
    const pages = randomPages(150);
    const target = await servePages(t, pages);
    const paths = Object.keys(pages);
    const prometheus = await startPrometheus(t, version, target, { paths });
    const errors = await waitFor(
      'all pages to be scraped',
      async () => {
        const known = await prometheus.scrapeErrors();
        return known.size === paths.length && known;
      },
      prometheus.running,
    );
    const wrong = [...errors].filter(([, error]) => error !== '');
    const [first] = wrong;
    const page = first && pages[first[0]];
    const format = negotiateFormat(page?.accept ?? OPENMETRICS);
    assert.deepEqual(first, undefined, page && pageIn(page.metrics, format, page.config).slice(0, 5_000));
    assert.equal(wrong.length, 0);
  });

  test(`Prometheus ${version} keeps the exemplars of counters and buckets`, { skip }, async (t) => {
    const seconds = Math.floor(Date.now() / 1000);
    const exemplar = (value: number, id: string): object => ({
      value,
      timeMillis: seconds * 1_000 + 500,
      traceId: id.repeat(32),
      spanId: id.repeat(16),
    });
    const descriptor = (name: string, unit: string): object => ({ name, unit, description: 'D' });
    const counter = {
      descriptor: descriptor('jobs', ''),
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: [{ attributes: { q: 'a' }, value: 3, exemplars: [exemplar(2, 'a')] }],
    };
    const buckets = { boundaries: [1, 2], counts: [1, 1, 1] };
    const histogram = {
      descriptor: descriptor('wait', 's'),
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [
        { attributes: {}, value: { buckets, count: 3, sum: 6 }, exemplars: [exemplar(0.5, 'b'), exemplar(4, 'c')] },
      ],
    };
    const metrics = handMade({ name: 's', metrics: [counter, histogram] });
    const target = await servePages(t, { '/metrics': { metrics } });
    const flags = ['--enable-feature=exemplar-storage'];
    const prometheus = await startPrometheus(t, version, target, { flags });
    const stored = await waitFor(
      'the exemplars',
      async () => {
        const found = await prometheus.exemplars('{__name__=~"jobs_total|wait_seconds_bucket"}');
        return found.length === 3 && found;
      },
      prometheus.running,
    );
    assert.equal(await prometheus.scrapeError(), '');
    const ofTraces = new Map(stored.map((one) => [one.labels['trace_id']?.[0], one]));
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => Number(ofTraces.get(id)?.value)),
      [2, 0.5, 4],
    );
    assert.equal(ofTraces.get('a')?.labels['span_id'], 'a'.repeat(16));
    assert.equal(ofTraces.get('a')?.timestamp, seconds + 0.5);
  });
}
