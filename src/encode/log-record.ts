/**
 * A log record as OTLP: encoded once when it is emitted, for every destination.
 *
 * Layer: encode. Source: opentelemetry-proto `logs.proto`.
 */
import type { SpanContext } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { degrade } from '../core/guard.ts';
import { type RedactorSource, ValueWriter } from './attributes.ts';
import type { ItemEncoder } from './item-encoder.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Lengths of most records take two bytes. */
const LENGTH_BYTES = 2;

const LOG_RECORD = 0x12;
const BODY = 0x2a;
const ATTRIBUTE = 0x32;
const DROPPED_ATTRIBUTES = 0x38;

/** Encodes log records; of a body that cannot be written nothing is kept. */
export function createLogRecordEncoder(redactorOf?: RedactorSource): ItemEncoder<ReadableLogRecord> {
  const values = new ValueWriter(redactorOf);
  return {
    write(writer, record) {
      const start = writer.at;
      try {
        writeLogRecord(writer, values, record);
        return true;
      } catch (cause) {
        degrade('encode.log-record', cause);
        writer.at = start;
        return false;
      }
    },
  };
}

function writeLogRecord(writer: ProtobufWriter, values: ValueWriter, record: ReadableLogRecord): void {
  const start = writer.begin(LOG_RECORD, LENGTH_BYTES);
  writer.nanos(0x09, record.hrTime);
  if (record.severityNumber) writer.integer(0x10, record.severityNumber);
  if (record.severityText) values.text(writer, 0x1a, record.severityText);
  if (record.body !== undefined) values.value(writer, BODY, record.body);
  const dropped = record.droppedAttributesCount + values.attributes(writer, ATTRIBUTE, record.attributes);
  if (dropped > 0) writer.integer(DROPPED_ATTRIBUTES, dropped);
  if (record.spanContext !== undefined) writeSpanContext(writer, record.spanContext);
  writer.nanos(0x59, record.hrTimeObserved);
  if (record.eventName) values.text(writer, 0x62, record.eventName);
  writer.end(start, LENGTH_BYTES);
}

/** A record is worth more than its link to a span: malformed ids cost the ids only. */
function writeSpanContext(writer: ProtobufWriter, { traceFlags, traceId, spanId }: SpanContext): void {
  const start = writer.at;
  try {
    if (traceFlags) {
      writer.begin(0x45, 0);
      writer.fixed32(traceFlags);
    }
    if (traceId) writer.id(0x4a, traceId, 16);
    if (spanId) writer.id(0x52, spanId, 8);
  } catch (cause) {
    degrade('encode.log-record', cause);
    writer.at = start;
  }
}
