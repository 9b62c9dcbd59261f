/** The decoders against the official serializers: protobuf and JSON of the same data give the same items. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  ROOT_CONTEXT,
  trace,
  type AnyValue,
} from '@opentelemetry/api';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { decodeLogs, decodeMetrics, decodeSpans } from '../../../src/receiver/otlp-items.ts';
import type { Decoded } from '../../../src/receiver/message.ts';
import type { ReceivedMetric } from '../../../src/receiver/received.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop', 'host.cores': 4, 'tags.list': ['a', 'b'] });

const AWKWARD = {
  text: 'déjà vu ✓',
  empty: '',
  yes: true,
  no: false,
  whole: 42,
  negative: -42,
  large: 2 ** 40,
  fraction: 0.1,
  list: ['a', 'b'],
  numbers: [1, 2.5, -3],
};

const NESTED: Record<string, AnyValue> = {
  ...AWKWARD,
  map: { inner: { deep: [{ x: 1 }, 'y', null] } },
  bytes: new Uint8Array([0, 1, 254, 255]),
  nothing: null,
};

function value<T>(decoded: Decoded<T>): T {
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.reason);
  return decoded.value;
}

function serialized(bytes: Uint8Array | undefined): Uint8Array {
  assert.ok(bytes);
  return bytes;
}

function recordSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('http', '1.2.3', { schemaUrl: 'https://opentelemetry.io/schemas/1.38.0' });
  const remote = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
  };
  const parent = trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
  const span = tracer.startSpan(
    'GET /orders',
    {
      kind: SpanKind.SERVER,
      attributes: AWKWARD,
      startTime: [1_700_000_000, 123_456_789],
      links: [{ context: remote, attributes: { why: 'retry' } }],
    },
    parent,
  );
  span.addEvent('cache miss', { key: 'k' }, [1_700_000_000, 200_000_001]);
  span.recordException(new Error('boom'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'boom' });
  span.end([1_700_000_001, 987_654_321]);
  tracer.startSpan('root', { kind: SpanKind.CLIENT }, ROOT_CONTEXT).end();
  return exporter.getFinishedSpans();
}

suite('decodeSpans', () => {
  test('both encodings of the official serializers give the same spans', () => {
    const recorded = recordSpans();
    const fromProtobuf = value(decodeSpans(serialized(ProtobufTraceSerializer.serializeRequest(recorded)), 'protobuf'));
    const fromJson = value(decodeSpans(serialized(JsonTraceSerializer.serializeRequest(recorded)), 'json'));
    assert.deepEqual(fromProtobuf, fromJson);
    assert.equal(fromProtobuf.length, 2);
  });

  test('every field of a span has its place', () => {
    const [span, root] = value(
      decodeSpans(serialized(ProtobufTraceSerializer.serializeRequest(recordSpans())), 'protobuf'),
    );
    assert.ok(span && root);
    assert.equal(span.serviceName, 'shop');
    assert.deepEqual(span.resource, { 'service.name': 'shop', 'host.cores': 4, 'tags.list': ['a', 'b'] });
    assert.equal(span.scope.name, 'http');
    assert.equal(span.scope.version, '1.2.3');
    assert.equal(span.scope.schemaUrl, 'https://opentelemetry.io/schemas/1.38.0');
    assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(span.parentSpanId, 'b7ad6b7169203331');
    assert.equal(span.kind, 'server');
    assert.equal(span.startNanos, 1_700_000_000_123_456_789n);
    assert.equal(span.endNanos, 1_700_000_001_987_654_321n);
    assert.deepEqual(span.attributes, AWKWARD);
    assert.deepEqual(span.status, { code: 'error', message: 'boom' });
    assert.deepEqual(
      span.events.map(({ name }) => name),
      ['cache miss', 'exception'],
    );
    assert.equal(span.events[0]?.timeNanos, 1_700_000_000_200_000_001n);
    assert.deepEqual(
      span.links.map(({ spanId, attributes }) => ({ spanId, attributes })),
      [{ spanId: 'b7ad6b7169203331', attributes: { why: 'retry' } }],
    );
    assert.equal(span.flags & 0xff, 1);
    assert.equal('parentSpanId' in root, false);
    assert.equal(root.kind, 'client');
    assert.equal(root.status.code, 'unset');
  });
});

suite('decodeLogs', () => {
  test('both encodings of the official serializers give the same records, nested bodies included', () => {
    const exporter = new InMemoryLogRecordExporter();
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      traceFlags: 1,
    });
    const logger = provider.getLogger('app', '2');
    logger.emit({
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      body: NESTED,
      attributes: NESTED,
      context,
      timestamp: [5, 6],
    });
    logger.emit({ body: 'plain', eventName: 'order.placed', context: ROOT_CONTEXT });
    const records = exporter.getFinishedLogRecords();
    const [first, second, ...more] = value(
      decodeLogs(serialized(ProtobufLogsSerializer.serializeRequest(records)), 'protobuf'),
    );
    const fromJson = value(decodeLogs(serialized(JsonLogsSerializer.serializeRequest(records)), 'json'));
    assert.ok(first && second);
    assert.deepEqual(more, []);
    assert.deepEqual([first, second], fromJson);
    assert.deepEqual(first.body, NESTED);
    assert.deepEqual(first.attributes, NESTED);
    assert.equal(first.severityNumber, 17);
    assert.equal(first.severityText, 'ERROR');
    assert.equal(first.traceId, 'a'.repeat(32));
    assert.equal(first.timeNanos, 5_000_000_006n);
    assert.equal(first.serviceName, 'shop');
    assert.equal('traceId' in second, false);
    assert.equal(second.eventName, 'order.placed');
  });
});

async function recordMetrics(temporality: AggregationTemporality): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    exportTimeoutMillis: 1000,
  });
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
  const views = [{ instrumentName: 'exponential', aggregation: exponential }];
  const provider = new MeterProvider({ resource, readers: [reader], views });
  const meter = provider.getMeter('shop', '3');
  meter.createCounter('orders', { unit: '{order}', description: 'Orders placed' }).add(3, { shop: 'x' });
  meter.createUpDownCounter('stock').add(-2.5);
  meter.createGauge('temperature', { unit: 'Cel' }).record(-7);
  const histogram = meter.createHistogram('duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 1, 10] },
  });
  for (const sample of [0.05, 0.5, 0.5, 50]) histogram.record(sample, { route: '/' });
  const other = meter.createHistogram('exponential');
  for (const sample of [0, 1, 2, 4, 1000]) other.record(sample);
  await reader.forceFlush();
  await provider.shutdown();
  const [exported] = exporter.getMetrics();
  assert.ok(exported);
  return exported;
}

suite('decodeMetrics', () => {
  for (const temporality of ['cumulative', 'delta'] as const) {
    test(`both encodings of the official serializers give the same metrics, ${temporality}`, async () => {
      const code = temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
      const recorded = await recordMetrics(code);
      const fromProtobuf = value(
        decodeMetrics(serialized(ProtobufMetricsSerializer.serializeRequest(recorded)), 'protobuf'),
      );
      const fromJson = value(decodeMetrics(serialized(JsonMetricsSerializer.serializeRequest(recorded)), 'json'));
      assert.deepEqual(fromProtobuf, fromJson);
      assert.equal(fromProtobuf.find(({ name }) => name === 'orders')?.temporality, temporality);
    });
  }

  test('every metric type has its values', async () => {
    const recorded = await recordMetrics(AggregationTemporality.CUMULATIVE);
    const metrics = value(decodeMetrics(serialized(ProtobufMetricsSerializer.serializeRequest(recorded)), 'protobuf'));
    const metric = (name: string): ReceivedMetric => {
      const found = metrics.find((candidate) => candidate.name === name);
      assert.ok(found, name);
      return found;
    };
    assert.equal(metric('orders').type, 'sum');
    assert.equal(metric('orders').isMonotonic, true);
    assert.equal(metric('orders').unit, '{order}');
    assert.equal(metric('orders').description, 'Orders placed');
    assert.equal(metric('orders').points[0]?.value, 3);
    assert.deepEqual(metric('orders').points[0]?.attributes, { shop: 'x' });
    assert.equal(metric('stock').isMonotonic, false);
    assert.equal(metric('stock').points[0]?.value, -2.5);
    assert.equal(metric('temperature').type, 'gauge');
    assert.equal('temporality' in metric('temperature'), false);
    assert.equal(metric('temperature').points[0]?.value, -7);

    const [duration] = metric('duration').points;
    assert.equal(duration?.count, 4);
    assert.equal(duration?.sum, 51.05);
    assert.equal(duration?.min, 0.05);
    assert.equal(duration?.max, 50);
    assert.deepEqual(duration?.bounds, [0.1, 1, 10]);
    assert.deepEqual(duration?.bucketCounts, [1, 2, 0, 1]);

    const [exponential] = metric('exponential').points;
    assert.equal(metric('exponential').type, 'exponentialHistogram');
    assert.equal(exponential?.zeroCount, 1);
    assert.equal(
      exponential?.positive?.bucketCounts.reduce((sum, count) => sum + count, 0),
      4,
    );
    assert.deepEqual(exponential?.negative?.bucketCounts, []);
    assert.equal(typeof exponential?.scale, 'number');
  });
});
