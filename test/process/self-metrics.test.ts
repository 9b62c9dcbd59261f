/**
 * Delivery tells of itself by the semantic conventions for SDKs, on `/metrics` and over OTLP, and says what `status()` says.
 *
 * Source: OpenTelemetry semantic conventions, "SDK metrics": `otel.sdk.exporter.*`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReceivedAttributes, type ReceivedMetric, type Receiver, startReceiver } from '../../src/testing.ts';
import { getText } from '../support/backends.ts';
import { startProgram } from '../support/delivery-program.ts';
import { ENDPOINTS } from '../support/fault-endpoints.ts';
import type { Delivery } from '../support/ledger.ts';
import { parsePrometheus } from '../support/prometheus-parser.ts';

const NAMES = ['span', 'log', 'metric_data_point'].flatMap((item) => [
  `otel.sdk.exporter.${item}.exported`,
  `otel.sdk.exporter.${item}.inflight`,
]);

/** The newest points of a metric. */
function pointsOf(receiver: Receiver, name: string): ReceivedMetric['points'] {
  return receiver.metrics.findLast((metric) => metric.name === name)?.points ?? [];
}

const numberOf = (attributes: ReceivedAttributes, key: string): number => Number(attributes[key]);

test('what was exported, what waits and what was dropped is over OTLP and on /metrics as in status()', async (t) => {
  const [receiver, refused] = [await startReceiver(), await ENDPOINTS.refused()];
  t.after(() => receiver.close());
  const program = startProgram(
    `spans(100); for (let item = 0; item < 30; item++) log();
     metrics.getMeter('m').createCounter('orders').add(1);
     await sleep(500);
     const { host, port } = telemetry.status().scrape;
     say({ address: host + ':' + port, destinations: telemetry.status().destinations });
     await told(); await telemetry.shutdown({ timeoutMillis: 200 });`,
    {
      url: receiver.url,
      env: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${refused.url}/v1/traces`,
        OTEL_BSP_MAX_QUEUE_SIZE: '40',
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        OTEL_METRIC_EXPORT_TIMEOUT: '100',
      },
    },
  );
  t.after(() => void program.app.child.kill('SIGKILL'));
  const { address, destinations } = await program.next<{ address: string; destinations: Delivery[] }>();
  const traces = destinations.find(({ signal }) => signal === 'traces') ?? assert.fail('no traces');
  const page = parsePrometheus(await getText(`http://${address}/metrics`));
  const after = receiver.requests.length;
  await receiver.waitFor(() => receiver.requests.slice(after).filter(({ signal }) => signal === 'metrics').length >= 2);
  const points = new Map(NAMES.map((name) => [name, pointsOf(receiver, name)]));
  const of = (name: string): ReceivedMetric['points'] => points.get(name) ?? [];
  program.goOn();
  await program.end();

  await t.test('over OTLP', () => {
    assert.deepEqual(
      NAMES.filter((name) => of(name).length === 0),
      [],
    );
    const dropped = of('otel.sdk.exporter.span.exported').find(
      ({ attributes }) => attributes['error.type'] === 'queue_full',
    );
    assert.ok(traces.droppedItems['queue_full'] !== undefined && traces.droppedItems['queue_full'] > 0);
    assert.equal(dropped?.value, traces.droppedItems['queue_full']);
    const [inflight] = of('otel.sdk.exporter.span.inflight');
    assert.equal(inflight?.value, traces.queuedItems);
    const logsSent = of('otel.sdk.exporter.log.exported').find(({ attributes }) => !('error.type' in attributes));
    assert.equal(logsSent?.value, 30);
    const { hostname, port } = new URL(refused.url);
    for (const { attributes } of of('otel.sdk.exporter.span.exported')) {
      assert.deepEqual([attributes['server.address'], numberOf(attributes, 'server.port')], [hostname, Number(port)]);
      assert.equal(attributes['otel.component.type'], 'otlp_http_span_exporter');
      assert.equal(typeof attributes['otel.component.name'], 'string');
    }
  });

  await t.test('on /metrics', () => {
    const samples = page.get('otel_sdk_exporter_span_exported_total')?.samples ?? [];
    const dropped = samples.find(({ labels }) => labels['error_type'] === 'queue_full');
    assert.equal(dropped?.value, traces.droppedItems['queue_full']);
    assert.equal(page.get('otel_sdk_exporter_span_inflight')?.samples[0]?.value, traces.queuedItems);
    assert.equal(page.get('otel_sdk_exporter_log_exported_total')?.samples[0]?.value, 30);
  });
});
