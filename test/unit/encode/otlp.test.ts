import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, SeverityNumber, SpanKind } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { encodeLogs, encodeMetrics, encodeTraces } from '../../../src/encode/otlp.ts';

function makeSpans(count: number): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }).getTracer('test');
  for (let index = 0; index < count; index += 1)
    tracer.startSpan(`span ${index}`, { kind: SpanKind.SERVER }, ROOT_CONTEXT).end();
  return exporter.getFinishedSpans();
}

function makeRecords(count: number): ReadableLogRecord[] {
  const exporter = new InMemoryLogRecordExporter();
  const logger = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }).getLogger('test');
  for (let index = 0; index < count; index += 1)
    logger.emit({ body: `line ${index}`, severityNumber: SeverityNumber.INFO });
  return exporter.getFinishedLogRecords();
}

class ManualReader extends MetricReader {
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
  protected override onShutdown = (): Promise<void> => Promise.resolve();
}

async function makeSnapshot(): Promise<ResourceMetrics> {
  const reader = new ManualReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const counter = meter.createCounter('orders');
  for (const shop of ['a', 'b', 'c']) counter.add(1, { shop });
  meter.createHistogram('duration', { unit: 's' }).record(0.2);
  return (await reader.collect()).resourceMetrics;
}

const json = (body: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(body ?? []).toString());

test('each protocol has its content type and the bytes of the official serializer', () => {
  const spans = makeSpans(3);
  const protobuf = encodeTraces(spans, 'http/protobuf');
  assert.equal(protobuf.contentType, 'application/x-protobuf');
  assert.deepEqual(
    Buffer.from(protobuf.body ?? []),
    Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? []),
  );
  const text = encodeTraces(spans, 'http/json');
  assert.equal(text.contentType, 'application/json');
  assert.ok('resourceSpans' in (json(text.body) as object));
  assert.deepEqual([protobuf.items, text.items, text.unencodableItems], [3, 3, 0]);
});

test('a body holds on to no larger buffer, for it may wait for long', () => {
  const { body } = encodeTraces(makeSpans(1), 'http/protobuf');
  assert.equal(body?.buffer.byteLength, body?.byteLength);
});

test('metrics count data points', async () => {
  const snapshot = await makeSnapshot();
  for (const protocol of ['http/protobuf', 'http/json'] as const) {
    const { items, unencodableItems, body } = encodeMetrics(snapshot, protocol);
    assert.deepEqual([items, unencodableItems], [4, 0]);
    assert.ok((body?.length ?? 0) > 0);
  }
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  test(`a record that cannot be encoded as ${protocol} is left out and counted, the others are sent`, () => {
    const records = makeRecords(3).map((record, index) =>
      index === 1
        ? new Proxy(record, { get: (target, key) => (key === 'body' ? circular : Reflect.get(target, key)) })
        : record,
    );
    const { body, items, unencodableItems } = encodeLogs(records, protocol);
    assert.ok(body !== undefined);
    assert.deepEqual([items, unencodableItems], [2, 1]);
  });

  test(`a metric that cannot be encoded as ${protocol} is left out and counted, the others are sent`, async () => {
    const snapshot = await makeSnapshot();
    const [scope] = snapshot.scopeMetrics;
    assert.ok(scope !== undefined);
    const broken = Object.defineProperty({ ...scope.metrics[0] }, 'descriptor', {
      get: () => {
        throw new Error('hostile');
      },
    }) as (typeof scope.metrics)[number];
    const hostile = { ...snapshot, scopeMetrics: [{ scope: scope.scope, metrics: [...scope.metrics, broken] }] };
    const { items, unencodableItems, body } = encodeMetrics(hostile, protocol);
    assert.ok(body !== undefined);
    assert.deepEqual([items, unencodableItems], [4, 3]);
  });

  test(`when nothing can be encoded as ${protocol} there is no body`, () => {
    const record = new Proxy(makeRecords(1)[0] as ReadableLogRecord, {
      get: () => {
        throw new Error('hostile');
      },
    });
    assert.deepEqual(encodeLogs([record], protocol).body, undefined);
    assert.deepEqual(encodeLogs([record], protocol).unencodableItems, 1);
  });
}
