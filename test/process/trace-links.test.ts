/**
 * T41, in part: one trace id in the span, in the log record and in the address people open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';

const PROGRAM = `
  import { createServer } from 'node:http';
  import { logs } from '@opentelemetry/api';
  import { currentTraceUrl, start } from 'duotel';
  const server = createServer((request, response) => {
    logs.getLogger('app').emit({ severityNumber: 17, body: 'broken' });
    setImmediate(() => response.end(currentTraceUrl() ?? 'none'));
  }).listen(0, '127.0.0.1', async () => {
    const response = await fetch('http://127.0.0.1:' + server.address().port);
    const inside = await response.text();
    server.close();
    const outside = currentTraceUrl() ?? 'none';
    await start().shutdown();
    console.log(JSON.stringify({ inside, outside }));
  });`;

function traceIdIn(url: string): string {
  const panes = JSON.parse(new URL(url).searchParams.get('panes') ?? '') as { trace: { queries: { query: string }[] } };
  return panes.trace.queries[0]?.query ?? '';
}

test('T41 span, log record and currentTraceUrl() name the same trace, by the documented address of Explore', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_SERVICE_NAME: 'links',
    DUOTEL_GRAFANA_URL: 'https://acme.grafana.net',
    DUOTEL_LOG_TRACE_LINKS: 'on',
  };
  const { stdout, stderr } = await runApp({ code: PROGRAM, env });
  assert.equal(stderr, '');
  const { inside, outside } = JSON.parse(stdout) as { inside: string; outside: string };
  const span = receiver.spans.find(({ kind }) => kind === 'server');
  const [record] = receiver.logs;
  assert.equal(outside, 'none');
  assert.match(inside, /^https:\/\/acme\.grafana\.net\/explore\?panes=/);
  const ids = new Set([span?.traceId, record?.traceId, traceIdIn(inside)]);
  assert.deepEqual([...ids], [span?.traceId]);
  assert.equal(traceIdIn(String(record?.attributes['duotel.trace.url'])), span?.traceId);
});

test('there is no link to a trace that is not sampled, and none where no address is set', async () => {
  for (const env of [
    { DUOTEL_TRACE_URL: 'https://traces.example/{traceId}', OTEL_TRACES_SAMPLER: 'always_off' },
    { OTEL_SERVICE_NAME: 'links' },
  ]) {
    const { stdout } = await runApp({ code: PROGRAM, env: { OTEL_METRICS_EXPORTER: 'none', ...env } });
    assert.deepEqual(JSON.parse(stdout), { inside: 'none', outside: 'none' });
  }
});
