/** One trace over two services in two languages, whole at the Collector and, where it is available, in Zipkin. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAST_EXPORT, startApp } from '../support/backends-app.ts';
import { startCollector, type Collector } from '../support/backends-collector.ts';
import type { SpanItem } from '../support/backends-otlp-json.ts';
import { readFromZipkin, sendToZipkin, startPythonPeer, startZipkin } from '../support/backends-peers.ts';
import { getText, skipWithout, waitFor } from '../support/backends.ts';

const skip = skipWithout('collector', 'python');
const SERVER = 2;
const CLIENT = 3;

/** Waits for a chain of spans, each the child of the one before, found by trace id. */
async function findChain(collector: Collector, traceId: string, kinds: readonly number[]): Promise<SpanItem[]> {
  return collector.find(`a chain of ${kinds.length} spans of trace ${traceId}`, ({ spans }) => {
    const trace = spans.filter((span) => span.traceId === traceId);
    const chain: SpanItem[] = [];
    for (const kind of kinds) {
      const parent = chain.at(-1)?.spanId ?? '';
      const next = trace.find((span) => span.parentSpanId === parent && span.kind === kind);
      if (next === undefined) return undefined;
      chain.push(next);
    }
    assert.equal(trace.length, chain.length, 'the trace has exactly the spans of the chain');
    return chain;
  });
}

const services = (spans: readonly SpanItem[]): unknown[] => spans.map((span) => span.resource['service.name']);

test('a trace from Node.js to Python arrives whole', { skip }, async (t) => {
  const collector = await startCollector(t);
  const peer = await startPythonPeer(t, collector.url);
  const app = await startApp(t, 'server.mjs', {
    env: { ...FAST_EXPORT, OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, UPSTREAM: peer },
  });
  const traceId = await getText(`${app.url}/order`);

  const chain = await findChain(collector, traceId, [SERVER, CLIENT, SERVER]);
  assert.deepEqual(services(chain), ['shop', 'shop', 'python-peer']);

  await t.test('and Zipkin shows it under the same id', { skip: skipWithout('zipkin') }, async (zipkinTest) => {
    const zipkin = await startZipkin(zipkinTest);
    await sendToZipkin(zipkin, chain);
    const shown = await waitFor('the trace in Zipkin', async () => {
      const spans = await readFromZipkin(zipkin, traceId);
      return spans.length === chain.length && spans;
    });
    assert.deepEqual(
      new Map(shown.map((span) => [span.id, span.parentId ?? ''])),
      new Map(chain.map((span) => [span.spanId, span.parentSpanId])),
    );
  });
});

test('a trace from Python to Node.js arrives whole', { skip }, async (t) => {
  const collector = await startCollector(t);
  const app = await startApp(t, 'server.mjs', {
    env: { ...FAST_EXPORT, OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  const peer = await startPythonPeer(t, collector.url, app.url);
  const traceId = await getText(`${peer}/`);

  const chain = await findChain(collector, traceId, [SERVER, CLIENT, SERVER]);
  assert.deepEqual(services(chain), ['python-peer', 'python-peer', 'shop']);
});
