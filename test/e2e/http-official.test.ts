/**
 * The official HTTP instrumentations as the oracle of ours, and in place of ours (`DUOTEL_HTTP=upstream`): the same
 * spans and metrics over the same traffic.
 */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { APPS, ROOT } from '../support/backends-app.ts';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, launch, type Owner, waitFor, suiteOwner } from '../support/backends.ts';
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
  const owner = suiteOwner();
  let folder = '';
  let official: Recording;
  let ours: Recording;

  before(async () => {
    folder = await installPacked(owner, PACKAGES);
    copyFileSync(join(APPS, 'http-traffic.cjs'), join(folder, 'http-traffic.cjs'));
    official = await record(owner, folder, 'upstream');
    ours = await record(owner, folder, 'lean');
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

  test('DUOTEL_HTTP=upstream uses them for what ES modules import by name, probes and shutdowns apart', async (t) => {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    writeFileSync(join(folder, 'named.mjs'), MODULE);
    const running = launch(t, process.execPath, ['--import', 'duotel/register', 'named.mjs'], {
      cwd: folder,
      env: cleanEnvironment({
        DUOTEL_HTTP: 'upstream',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_SERVICE_NAME: 'named',
      }),
    });
    assert.deepEqual(await running.ended, { code: 0, signal: null }, running.stderr());
    assert.equal(running.stderr(), '');
    assert.deepEqual(JSON.parse(running.stdout()), [
      { name: 'http', source: 'node_modules', state: 'on', modules: [] },
      { name: 'undici', source: 'node_modules', state: 'on', modules: [] },
    ]);
    const seen = receiver.spans.map(({ kind, scope, attributes }) => {
      const path = String(attributes['url.path'] ?? attributes['url.full']).replace(/^http:\/\/[^/]+/, '');
      return `${kind} ${path} ${scope.name.replace('@opentelemetry/instrumentation-', '')}`;
    });
    const expected = ['/first', '/second'].flatMap((path) => [
      `client ${path} http`,
      `client ${path} undici`,
      `server ${path} http`,
      `server ${path} http`,
    ]);
    assert.deepEqual(seen.filter((line) => !line.includes('/healthz')).toSorted(), expected.toSorted());
    // The client asks whatever the path; the server does not answer for it.
    assert.deepEqual(seen.filter((line) => line.includes('/healthz')).toSorted(), [
      'client /healthz http',
      'client /healthz undici',
    ]);
  });
});

/** Asks itself by functions imported by name and by fetch; for a probe too, and once more after a restart. */
const MODULE = `
import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { start } from 'duotel';
const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = 'http://127.0.0.1:' + server.address().port;
const ask = async (path) => {
  const [response] = await once(get(url + path), 'response');
  await once(response.resume(), 'end');
  await (await fetch(url + path)).text();
};
await ask('/first');
await ask('/healthz');
const telemetry = start();
console.log(JSON.stringify(telemetry.status().instrumentations.filter(({ state }) => state === 'on')));
await telemetry.shutdown();
await ask('/between');
const again = start();
await ask('/second');
server.close();
server.closeAllConnections();
await again.shutdown();
`;

/** Runs the traffic under one of the two. */
async function record(owner: Owner, folder: string, http: 'upstream' | 'lean'): Promise<Recording> {
  const receiver = await startReceiver();
  owner.after(() => receiver.close());
  const app = launch(owner, process.execPath, ['--import', 'duotel/register', 'http-traffic.cjs'], {
    cwd: folder,
    env: cleanEnvironment({
      DUOTEL_HTTP: http,
      // What is compared is what the instrumentations say.
      DUOTEL_REDACT: 'off',
      DUOTEL_SHUTDOWN_TIMEOUT: '10000',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRICS_EXPORTER: 'otlp',
      // One push, at the end: the first one in between comes at a random moment.
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    }),
  });
  const port = await waitFor('the end of the traffic', () => /^(\d+)\n/.exec(app.stdout())?.[1], app);
  // Spans may arrive after metrics: what is compared is complete when the program is over.
  await app.ended;
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
