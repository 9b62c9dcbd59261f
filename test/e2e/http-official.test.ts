/** The official HTTP instrumentations as the oracle of ours: the same spans and metrics over the same traffic. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { APPS, ROOT } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, type Owner, waitFor } from '../support/backends.ts';
import { compareSpans, type Difference, type Recording, recordingOf } from '../support/http-spans.ts';

const PACKAGES = [
  '@opentelemetry/api@1.10.0',
  '@opentelemetry/core@3.1.0',
  '@opentelemetry/instrumentation@0.301.0',
  '@opentelemetry/instrumentation-http@0.301.0',
  '@opentelemetry/instrumentation-undici@0.34.0',
];
const PAGE = 'docs/reference/http-differences.md';

suite('the official HTTP instrumentations', () => {
  const cleanUps: (() => Promise<void> | void)[] = [];
  const owner: Owner = { after: (cleanUp) => void cleanUps.push(cleanUp) };
  let official: Recording;
  let ours: Recording;

  before(async () => {
    const folder = await installPacked(owner, PACKAGES);
    for (const name of ['http-traffic.cjs', 'official-http.cjs']) copyFileSync(join(APPS, name), join(folder, name));
    official = await record(owner, folder, 'upstream');
    ours = await record(owner, folder, 'lean');
  });
  after(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  });

  test('see the same requests', () => {
    assert.ok(ours.spans.size > 50);
    assert.deepEqual([...ours.spans.keys()].toSorted(), [...official.spans.keys()].toSorted());
  });

  test(`and differ exactly in what ${PAGE} lists`, () => {
    assert.deepEqual(compareSpans(official, ours), documented());
  });

  test('measure what their spans say, by the same attributes; ours adds the active requests', () => {
    for (const { durations, expectedDurations } of [official, ours]) assert.deepEqual(durations, expectedDurations);
    const added = [...ours.metrics].filter((name) => name.startsWith('http.') && !official.metrics.has(name));
    assert.deepEqual(added, ['http.server.active_requests']);
  });
});

/** Runs the traffic under one of the two. */
async function record(owner: Owner, folder: string, http: 'upstream' | 'lean'): Promise<Recording> {
  const receiver = await startReceiver();
  owner.after(() => receiver.close());
  const preloads = ['--import', 'duotel/register', ...(http === 'upstream' ? ['--import', './official-http.cjs'] : [])];
  const app = launch(owner, process.execPath, [...preloads, 'http-traffic.cjs'], {
    cwd: folder,
    env: cleanEnvironment({
      DUOTEL_HTTP: http,
      DUOTEL_SHUTDOWN_TIMEOUT: '10000',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      // One push, at the end: the first one in between comes at a random moment.
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    }),
  });
  const port = await waitFor('the end of the traffic', () => /^(\d+)\n/.exec(app.stdout())?.[1], app);
  await receiver.waitFor(() => receiver.metric('http.client.request.duration'), 20_000);
  return recordingOf(receiver, Number(port));
}

/** The rows of the page. */
function documented(): Difference[] {
  const text = readFileSync(join(ROOT, PAGE), 'utf8');
  const rows = [...text.matchAll(/^\| ((?:client|server) .*) \|$/gm)].map(([, row = '']) => row.split('|'));
  return rows.map((cells) => {
    const [spans = '', field = '', official = '', ours = ''] = cells.map((cell) => cell.trim().replaceAll('`', ''));
    return { spans, field, official, ours };
  });
}
