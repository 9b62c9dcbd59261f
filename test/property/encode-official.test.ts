/** Oracle: what the official serializers write must decode to the same as what ours write. */
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnyValue,
  type Attributes,
  ROOT_CONTEXT,
  SeverityNumber,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from '../support/fast-check.ts';
import { createLogRecordEncoder } from '../../src/encode/log-record.ts';
import { frameLogs, frameTraces } from '../../src/encode/request-frame.ts';
import { createSpanEncoder } from '../../src/encode/span.ts';
import { LOGS_REQUEST, TRACES_REQUEST } from '../../src/encode/otlp-schema.ts';
import { toOtlpJson } from '../../src/encode/otlp-json.ts';
import { readJson } from '../../src/receiver/json-reader.ts';
import { readProtobuf } from '../../src/receiver/protobuf-reader.ts';
import type { ItemEncoder } from '../../src/encode/item-encoder.ts';
import { ProtobufWriter } from '../../src/encode/protobuf-writer.ts';
import { useRedaction } from '../../src/encode/redaction.ts';
import { encodeItem } from '../unit/encode/encode-support.ts';

const RUNS = { numRuns: 1500 };

// The official serializer takes nothing out.
useRedaction({ mode: 'off', keys: [], keptKeys: [], patterns: [], replace: undefined });

/** Three times: new to the encoder, repeated, remembered; at last by a writer that has to grow all the time. */
function encodeOften<Item>(encoder: ItemEncoder<Item>, item: Item): Uint8Array {
  encodeItem(encoder, item);
  encodeItem(encoder, item);
  return encodeItem(encoder, item, new ProtobufWriter(1));
}

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('\ud800', 'a\udfffb', 'é'.repeat(42), 'é'.repeat(43), 'x'.repeat(127), '€'.repeat(5462)),
  fc.integer({ min: 0, max: 20_000 }).map((length) => 'y'.repeat(length)),
);
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -1, -128, 2 ** 32, 2 ** 63, -(2 ** 63), 2 ** 62, -(2 ** 40) - 1, 1e300),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 200 }));
const value = fc.letrec<{ any: AnyValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(text, tie('any'), { maxKeys: 5 }),
  ),
})).any;
const attributes = fc.oneof(
  fc.dictionary(fc.string({ maxLength: 20 }), value, { maxKeys: 12 }),
  fc.dictionary(text, scalar as fc.Arbitrary<AnyValue>, { maxKeys: 60 }),
) as fc.Arbitrary<Attributes>;
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id.fill(1, 0, 1)).toString('hex'));
const time = fc.tuple(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer({ min: 0, max: 999_999_999 }));
const context: fc.Arbitrary<SpanContext> = fc.record({
  traceId: hex(16),
  spanId: hex(8),
  traceFlags: fc.constantFrom(0, 1, 3),
  isRemote: fc.boolean(),
  traceState: fc.constantFrom(new TraceState('vendor=1,other=2'), new TraceState('')),
});
const limit = fc.integer({ min: 1, max: 40 });
const scope = fc.record({ name: text, version: fc.option(text, { nil: undefined }), schemaUrl: text });
const owner = attributes.map((attributes) =>
  resourceFromAttributes(attributes, { schemaUrl: 'https://schema.test/1' }),
);

const spanCase = fc.record({
  owner,
  scope,
  limit,
  attributes,
  late: attributes,
  name: text,
  kind: fc.integer({ min: 0, max: 4 }),
  parent: fc.option(context),
  events: fc.array(fc.record({ name: text, attributes, time }), { maxLength: 4 }),
  links: fc.array(fc.record({ context, attributes }), { maxLength: 3 }),
  status: fc.record({
    code: fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR),
    message: text,
  }),
  startTime: time,
  endTime: time,
});

test('a span decodes to what the official serializer wrote of it', () => {
  const encoder = createSpanEncoder();
  fc.assert(
    fc.property(spanCase, (given) => {
      const exporter = new InMemorySpanExporter();
      const provider = new TracerProvider({
        resource: given.owner,
        spanProcessors: [new SimpleSpanProcessor({ exporter })],
        spanLimits: { attributeCountLimit: given.limit, eventCountLimit: 2, linkCountLimit: 2 },
      });
      const tracer = provider.getTracer(given.scope.name, given.scope.version, { schemaUrl: given.scope.schemaUrl });
      const parent =
        given.parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...given.parent, traceFlags: 1 });
      const span = tracer.startSpan(given.name, given, parent);
      span.setAttributes(given.late);
      for (const event of given.events) span.addEvent(event.name, event.attributes, event.time);
      span.setStatus(given.status);
      span.end(given.endTime);
      const [finished] = exporter.getFinishedSpans();
      ok(finished !== undefined);
      const ours = frameTraces(finished.resource, [
        { scope: finished.instrumentationScope, slices: [encodeOften(encoder, finished)] },
      ]);
      const official = ProtobufTraceSerializer.serializeRequest([finished]) as Uint8Array;
      const decoded = readProtobuf(TRACES_REQUEST, ours);
      ok(
        decoded.ok,
        JSON.stringify(decoded, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)),
      );
      deepEqual(decoded, readProtobuf(TRACES_REQUEST, official));
      deepEqual(readJson(TRACES_REQUEST, toOtlpJson(TRACES_REQUEST, ours)), decoded);
    }),
    RUNS,
  );
});

const recordCase = fc.record({
  owner,
  scope,
  context: fc.option(context),
  record: fc.record(
    {
      body: value,
      attributes,
      severityNumber: fc.constantFrom(SeverityNumber.UNSPECIFIED, SeverityNumber.INFO, SeverityNumber.FATAL4),
      severityText: text,
      eventName: text,
      timestamp: time,
      observedTimestamp: time,
    },
    { requiredKeys: [] },
  ),
});

test('a log record decodes to what the official serializer wrote of it', () => {
  const encoder = createLogRecordEncoder();
  fc.assert(
    fc.property(recordCase, (given) => {
      const exporter = new InMemoryLogRecordExporter();
      const provider = new LoggerProvider({
        resource: given.owner,
        processors: [new SimpleLogRecordProcessor({ exporter })],
      });
      const { name, version, schemaUrl } = given.scope;
      const context = given.context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, given.context);
      provider.getLogger(name, version, { schemaUrl }).emit({ ...given.record, context });
      const [finished] = exporter.getFinishedLogRecords();
      ok(finished !== undefined);
      const ours = frameLogs(finished.resource, [
        { scope: finished.instrumentationScope, slices: [encodeOften(encoder, finished)] },
      ]);
      const official = ProtobufLogsSerializer.serializeRequest([finished]) as Uint8Array;
      const decoded = readProtobuf(LOGS_REQUEST, ours);
      deepEqual(decoded, readProtobuf(LOGS_REQUEST, official));
      deepEqual(readJson(LOGS_REQUEST, toOtlpJson(LOGS_REQUEST, ours)), decoded);
    }),
    RUNS,
  );
});
