import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { toOtlpJson } from '../../../src/encode/otlp-json.ts';
import { METRICS_REQUEST, type Schema, TRACES_REQUEST } from '../../../src/encode/otlp-schema.ts';
import { readJson } from '../../../src/receiver/json-reader.ts';

/** Both must mean the same to a receiver; the official one may write defaults that ours leaves out. */
function assertSameMeaning(
  schema: Schema,
  protobuf: Uint8Array | undefined,
  officialJson: Uint8Array | undefined,
): void {
  assert.ok(protobuf && officialJson);
  assert.deepEqual(readJson(schema, toOtlpJson(schema, protobuf)), readJson(schema, officialJson));
}

test('spans mean the same as in the JSON of the official serializer', () => {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('test', '1');
  const span = tracer.startSpan('request', {
    kind: SpanKind.SERVER,
    attributes: { text: 'é', list: [1, 2], yes: true },
  });
  span.addEvent('half-way', { part: 0.5 });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
  span.end();
  const spans = exporter.getFinishedSpans();
  assertSameMeaning(
    TRACES_REQUEST,
    ProtobufTraceSerializer.serializeRequest(spans),
    JsonTraceSerializer.serializeRequest(spans),
  );
});

test('metrics of every kind mean the same as in the JSON of the official serializer', async () => {
  class ManualReader extends MetricReader {
    protected override onForceFlush = (): Promise<void> => Promise.resolve();
    protected override onShutdown = (): Promise<void> => Promise.resolve();
  }
  const reader = new ManualReader();
  const views = [
    { instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const },
  ];
  const meter = new MeterProvider({ readers: [reader], views }).getMeter('test');
  meter.createCounter('orders').add(3, { shop: 'a' });
  meter.createUpDownCounter('open').add(-2.5);
  meter.createGauge('level').record(7);
  for (const value of [0.2, 3, 500, -1]) {
    meter.createHistogram('plain', { unit: 's' }).record(value);
    meter.createHistogram('exponential').record(Math.abs(value));
  }
  const { resourceMetrics } = await reader.collect();
  assertSameMeaning(
    METRICS_REQUEST,
    ProtobufMetricsSerializer.serializeRequest(resourceMetrics),
    JsonMetricsSerializer.serializeRequest(resourceMetrics),
  );
});

test('numbers JSON does not have are text, and what the schema does not name is skipped', () => {
  const schema: Schema = {
    fields: [],
    byNumber: new Map([[1, { number: 1, json: 'value', name: 'value', type: 'double', presence: 'one' }]]),
  };
  const double = Buffer.alloc(9);
  double[0] = 0x09;
  double.writeDoubleLE(Number.NEGATIVE_INFINITY, 1);
  const unknown = Buffer.from([0x10, 0x01, 0x1a, 0x01, 0x61, 0x25, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(toOtlpJson(schema, Buffer.concat([unknown, double])).toString(), '{"value":"-Infinity"}');
});
