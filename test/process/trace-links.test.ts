/**
 * T41: one trace id wherever a request leaves something, and in the address people open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Receiver, startReceiver } from '../../src/testing.ts';
import { httpRequest } from '../support/http-request.ts';
import { runApp, startApp } from '../support/run-app.ts';
import { eventsOf, idsOf } from '../support/sentry-events.ts';

const PROGRAM = `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  import { logs, metrics } from '@opentelemetry/api';
  import { captureError, currentTraceUrl, start } from 'duotel';
  const answers = metrics.getMeter('app').createCounter('answers');
  const server = createServer((request, response) => {
    logs.getLogger('app').emit({ severityNumber: 17, body: 'broken' });
    answers.add(1);
    captureError(new Error('broken'));
    setImmediate(() => response.end(currentTraceUrl() ?? 'none'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch('http://127.0.0.1:' + server.address().port);
  const inside = await response.text();
  const outside = currentTraceUrl() ?? 'none';
  const port = start().status().scrape?.port;
  console.log(JSON.stringify({ inside, outside, header: response.headers.get('x-trace-id'), port }));
  const end = () => { server.close(); server.closeAllConnections(); };
  if (port === undefined) end();
  else process.once('SIGTERM', end);`;

interface Printed {
  /** `currentTraceUrl()` in the request. */
  readonly inside: string;
  /** The same outside of any. */
  readonly outside: string;
  readonly header: string | null;
  /** Of the endpoint for Prometheus. */
  readonly port?: number;
}

interface Pane {
  readonly datasource: string;
  readonly queries: readonly { readonly query: string }[];
  readonly range: { readonly from: string; readonly to: string };
}

/** The pane of an address of Explore, schema version 1. */
function paneIn(url: string): Pane {
  return (JSON.parse(new URL(url).searchParams.get('panes') ?? '') as { readonly trace: Pane }).trace;
}

/** Ids of traces, by where they were found. */
function traceIdsOf(receiver: Receiver, page: string, { inside, header }: Printed): Record<string, string[]> {
  const exemplars = receiver.metrics.flatMap(({ points }) => points.flatMap((point) => point.exemplars ?? []));
  const onPage = (family: string): string[] =>
    [...page.matchAll(new RegExp(`^${family}.* # \\{.*trace_id="(\\w+)"`, 'gm'))].map(([, id = '']) => id);
  const items = receiver.envelopes.flatMap(({ header, items }) =>
    items.some(({ type }) => type === 'event') ? [header] : [],
  );
  return {
    sentryEvent: eventsOf(receiver).map((event) => String(idsOf(event).traceId)),
    sentryEnvelope: items.map(({ trace }) => String((trace as { trace_id?: unknown } | undefined)?.trace_id)),
    sentrySpans: receiver.sentrySpans.map(({ traceId }) => traceId),
    traces: receiver.spans.map(({ traceId }) => traceId),
    logs: receiver.logs.map(({ traceId }) => traceId ?? ''),
    linkInLog: receiver.logs.map(({ attributes }) =>
      String(paneIn(String(attributes['duotel.trace.url'])).queries[0]?.query),
    ),
    pushedExemplars: exemplars.map(({ traceId }) => traceId ?? ''),
    scrapedExemplar: onPage('answers_total'),
    scrapedHttpExemplar: onPage('http_server_request_duration_seconds_bucket'),
    responseHeader: [header ?? ''],
    currentTraceUrl: paneIn(inside).queries.map(({ query }) => query),
  };
}

test('T41 span, log record, exemplars, the event and spans in Sentry, response header and currentTraceUrl() name one trace', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    SENTRY_DSN: receiver.dsn,
    SENTRY_TRACES_SAMPLE_RATE: '1',
    OTEL_METRICS_EXPORTER: 'otlp,prometheus',
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_SERVICE_NAME: 'links',
    DUOTEL_GRAFANA_URL: 'https://acme.grafana.net',
    DUOTEL_LOG_TRACE_LINKS: 'on',
    DUOTEL_RESPONSE_HEADERS: 'x-trace-id',
  };
  const app = startApp({ code: PROGRAM, env });
  const [line] = await app.line(/^\{.*\n/);
  const printed = JSON.parse(line) as Printed;
  const headers = { accept: 'application/openmetrics-text; version=1.0.0' };
  const page = await httpRequest({ host: '127.0.0.1', port: printed.port ?? 0 }, { headers });
  app.child.kill('SIGTERM');
  assert.equal((await app.ended).stderr, '');
  const traceId = receiver.spans.find(({ kind }) => kind === 'server')?.traceId ?? '';
  assert.match(traceId, /^[0-9a-f]{32}$/);
  for (const [place, ids] of Object.entries(traceIdsOf(receiver, page.body.toString(), printed)))
    assert.deepEqual([...new Set(ids)], [traceId], place);
  assert.equal(printed.outside, 'none');
});

test('currentTraceUrl() is the address Grafana documents for Explore', async () => {
  const env = {
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_SERVICE_NAME: 'links',
    DUOTEL_GRAFANA_URL: 'https://acme.grafana.net',
  };
  const { stdout } = await runApp({ code: PROGRAM, env });
  const { inside } = JSON.parse(stdout) as Printed;
  const { origin, pathname, searchParams } = new URL(inside);
  assert.deepEqual([origin, pathname], ['https://acme.grafana.net', '/explore']);
  assert.deepEqual([...searchParams.keys()], ['panes', 'schemaVersion', 'orgId']);
  assert.deepEqual([searchParams.get('schemaVersion'), searchParams.get('orgId')], ['1', '1']);
  const { datasource, queries, range } = paneIn(inside);
  assert.match(queries[0]?.query ?? '', /^[0-9a-f]{32}$/);
  const uid = 'grafanacloud-traces';
  assert.equal(datasource, uid);
  assert.deepEqual(queries, [
    { refId: 'A', datasource: { type: 'tempo', uid }, queryType: 'traceql', query: queries[0]?.query },
  ]);
  assert.ok(Number(range.from) < Date.now() && Date.now() < Number(range.to));
});

test('there is no link to a trace that is not sampled, and none where no address is set', async () => {
  for (const env of [
    { DUOTEL_TRACE_URL: 'https://traces.example/{traceId}', OTEL_TRACES_SAMPLER: 'always_off' },
    { OTEL_SERVICE_NAME: 'links' },
  ]) {
    const { stdout } = await runApp({ code: PROGRAM, env: { OTEL_METRICS_EXPORTER: 'none', ...env } });
    const { inside, outside } = JSON.parse(stdout) as Printed;
    assert.deepEqual([inside, outside], ['none', 'none']);
  }
});
