/** All three signals of an application with nothing but the preload, as a real Collector understands them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAST_EXPORT, startApp } from '../support/backends-app.ts';
import { CONTENT_ENCODING, CONTENT_TYPE, startCollector } from '../support/backends-collector.ts';
import { getText, skipWithout } from '../support/backends.ts';

const WAYS = [
  { name: 'protobuf', env: {}, contentType: 'application/x-protobuf', encoding: undefined },
  {
    name: 'JSON',
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    contentType: 'application/json',
    encoding: undefined,
  },
  {
    name: 'protobuf with gzip',
    env: { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    contentType: 'application/x-protobuf',
    encoding: 'gzip',
  },
  {
    name: 'JSON with gzip',
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
    contentType: 'application/json',
    encoding: 'gzip',
  },
] as const;

for (const { name, env, contentType, encoding } of WAYS) {
  test(`a Collector receives all three signals as ${name}`, { skip: skipWithout('collector') }, async (t) => {
    const collector = await startCollector(t);
    const app = await startApp(t, 'server.mjs', {
      env: { ...FAST_EXPORT, OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env },
    });
    const traceId = await getText(`${app.url}/order`);

    const span = await collector.find('the server span', ({ spans }) =>
      spans.find((one) => one.traceId === traceId && one.kind === 2),
    );
    const record = await collector.find('the log record', ({ logs }) => logs.find((one) => one.body === 'order taken'));
    const counter = await collector.find('the counter', ({ points }) =>
      points.find((one) => one.name === 'shop.orders'),
    );
    const histogram = await collector.find('the histogram', ({ points }) =>
      points.find((one) => one.name === 'shop.order.value'),
    );

    assert.deepEqual([record.traceId, record.spanId], [span.traceId, span.spanId]);
    assert.deepEqual([counter.type, counter.value, counter.unit], ['sum', 1, '{order}']);
    assert.deepEqual([histogram.type, histogram.value, histogram.count], ['histogram', 42, 1]);
    for (const item of [span, record, counter, histogram]) {
      assert.equal(item.resource['service.name'], 'shop');
      assert.equal(item.attributes[CONTENT_TYPE], contentType);
      assert.equal(item.attributes[CONTENT_ENCODING], encoding);
    }
    assert.equal(app.stderr(), '');
  });
}
