/** `DUOTEL_HTTP=upstream` in an application that has not installed the official instrumentations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startReceiver } from '../../src/testing.ts';
import { runApp } from '../support/run-app.ts';

const CODE = `
  import http from 'node:http';
  import { once } from 'node:events';
  import { start } from 'duotel';
  const server = http.createServer((request, response) => response.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await (await fetch('http://127.0.0.1:' + server.address().port)).text();
  server.close();
  server.closeAllConnections();
  const shown = start().status().instrumentations.filter(({ name }) => name === 'http' || name === 'undici');
  console.log(shown.map(({ name, source, state }) => [name, source, state].join(' ')).join());`;

test('what is not installed is named in one line with the remedy, and observed by our own instrumentation', async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const env = {
    DUOTEL_HTTP: 'upstream',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_SERVICE_NAME: 'app',
  };
  const { stdout, stderr } = await runApp({ code: CODE, env });
  assert.match(
    stderr,
    /^DUOTEL_HTTP_UPSTREAM_MISSING [^\n]*npm install @opentelemetry\/instrumentation-http @opentelemetry\/instrumentation-undici`[^\n]*\n$/,
  );
  assert.equal(stdout, 'http duotel on,undici duotel on\n');
  assert.deepEqual(receiver.spans.map(({ kind }) => kind).toSorted(), ['client', 'server']);

  receiver.clear();
  const off = await runApp({ code: CODE, env: { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici' } });
  assert.deepEqual([off.stderr, off.stdout], ['', 'http duotel disabled,undici duotel disabled\n']);
  assert.deepEqual(receiver.spans, []);
});
