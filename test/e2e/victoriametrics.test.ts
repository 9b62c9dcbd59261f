/** One metric, one name: what a real VictoriaMetrics makes of OTLP metrics is what `/metrics` says (DESIGN §1.3). */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { FAST_EXPORT, startApp, type App } from '../support/backends-app.ts';
import { startVictoriaMetrics, type VictoriaMetrics } from '../support/backends-victoriametrics.ts';
import { freePort, getText, skipWithout, waitFor, waitUntilEqual, type Owner } from '../support/backends.ts';
import { type ParsedSample, parsePrometheus } from '../support/prometheus-parser.ts';

const skip = skipWithout('debian-trixie');

/** Series that exist for scraping only; over OTLP the resource and the scope travel beside the metrics. */
const PULL_ONLY = new Set(['target_info', 'otel_scope_info']);

const GOLDENS = new URL('../support/goldens/victoriametrics.json', import.meta.url);

/** What an instrument is called; the reference page of names is made from a list of these. */
interface Row {
  readonly instrument: string;
  readonly unit: string;
  readonly kind: string;
  readonly names: readonly string[];
}

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

/** Names of all series on a page. */
function namesOn(page: string): Set<string> {
  const samples = [...parsePrometheus(page).values()].flatMap((family) => family.samples);
  return new Set(samples.map(({ name }) => name).filter((name) => !PULL_ONLY.has(name)));
}

/** Series of the instruments on a page, by name and labels. */
function seriesOn(page: string): Map<string, number> {
  const samples = [...parsePrometheus(page).values()].flatMap((family) => family.samples);
  return byIdentity(samples.filter(({ name }) => name.startsWith('made_')));
}

function byIdentity(samples: readonly ParsedSample[]): Map<string, number> {
  const identity = ({ name, labels }: ParsedSample): string =>
    name + JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return new Map(samples.map((sample) => [identity(sample), sample.value]));
}

/** Series of the instruments in the store, without the labels it makes of the resource. */
async function seriesIn(victoria: VictoriaMetrics, page: string): Promise<Map<string, number>> {
  const resource = parsePrometheus(page).get('target_info')?.samples[0]?.labels ?? {};
  const found = await victoria.query('{__name__=~"made_.+"}');
  return byIdentity(
    found.map(({ labels: { __name__: name = '', ...labels }, value }) => ({
      name,
      labels: Object.fromEntries(
        Object.entries(labels).filter(([label]) => !(label in resource) && label !== 'job' && label !== 'instance'),
      ),
      value,
    })),
  );
}

/** Asking for values before the names are there would make VictoriaMetrics remember an empty answer for 10 s. */
async function waitForNames(victoria: VictoriaMetrics, page: string): Promise<void> {
  const names = new Set([...namesOn(page)].filter((name) => name.startsWith('made_')));
  const areThere = async (): Promise<boolean> => {
    const stored = new Set(await victoria.names());
    return [...names].every((name) => stored.has(name));
  };
  await waitFor('the names', areThere, victoria.running);
}

test('OTLP metrics get the names of /metrics in VictoriaMetrics', { skip }, async (t) => {
  const { app, page, victoria } = await startStack(t);
  await getText(app.url); // the metrics of requests are part of it
  await waitUntilEqual(
    async () => new Set(await victoria.names()),
    async () => namesOn(await page()),
  );
  assert.ok(namesOn(await page()).has('http_server_request_duration_seconds_bucket'));
  assert.equal(app.stderr(), '');
});

test('OTLP metrics have the labels and values of /metrics in VictoriaMetrics', { skip }, async (t) => {
  const { page, victoria } = await startStack(t);
  const text = await page();
  const pulled = seriesOn(text);
  assert.ok(pulled.size > 300, `only ${pulled.size} series`);
  await waitForNames(victoria, text);
  await waitUntilEqual(
    () => seriesIn(victoria, text),
    async () => pulled,
  );
});

test('every instrument has one name and type, as the reference says', { skip }, async (t) => {
  const { app, page, victoria } = await startStack(t);
  const instruments = JSON.parse(await getText(`${app.url}/instruments`)) as Omit<Row, 'names'>[];
  const text = await page();
  const families = parsePrometheus(text);
  const rows: Row[] = [];
  await waitForNames(victoria, text);
  const count = seriesOn(text).size;
  const stored = await waitFor('the series', async () => {
    const found = await victoria.query('{__name__=~"made_.+"}');
    return found.length === count && found;
  });
  for (const [index, { instrument, unit, kind }] of instruments.entries()) {
    // Every instrument has an attribute of its own, by which it is found whatever it is called.
    const pulled = [...families.values()].filter(({ samples }) => samples[0]?.labels['id'] === String(index));
    assert.equal(pulled.length, 1, instrument);
    const type = kind === 'updown' ? 'gauge' : kind;
    assert.equal(pulled[0]?.type, type, instrument);
    const names = [...new Set(pulled[0]?.samples.map(({ name }) => name))].sort();
    const pushed = stored
      .filter(({ labels }) => labels['id'] === String(index))
      .map(({ labels }) => labels['__name__'] ?? '');
    assert.deepEqual([...new Set(pushed)].toSorted(), names, instrument);
    rows.push({ instrument, unit, kind, names });
  }
  assert.ok(rows.length >= 60, `${rows.length} instruments`);
  const made = `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`;
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(GOLDENS, made);
  assert.deepEqual(JSON.parse(made), JSON.parse(readFileSync(GOLDENS, 'utf8')));
});
