/**
 * A span as OTLP: encoded once when it ends, for every destination.
 *
 * Fields of value zero are left out, as protobuf has it. Layer: encode. Source: opentelemetry-proto `trace.proto`.
 */
import type { Link, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';
import { degrade, guard } from '../core/guard.ts';
import { type RedactorSource, ValueWriter } from './attributes.ts';
import type { ItemEncoder } from './item-encoder.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

const SPAN = 0x12;
const ATTRIBUTE = 0x4a;
const DROPPED_ATTRIBUTES = 0x50;
const EVENT = 0x5a;
const DROPPED_EVENTS = 0x60;
const LINK = 0x6a;
const DROPPED_LINKS = 0x70;
const STATUS = 0x7a;

/** Lengths of most spans, and of most events with a stack trace, take two bytes. */
const LENGTH_BYTES = 2;

/** Whether the parent (of a link: the other span) was in another process is known, and it was. Bits of `flags`. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Encodes spans; of one with a malformed id nothing can be made. */
export function createSpanEncoder(redactorOf?: RedactorSource): ItemEncoder<ReadableSpan> {
  const values = new ValueWriter(redactorOf);
  return {
    write(writer, span) {
      const start = writer.at;
      try {
        writeSpan(writer, values, span);
        return true;
      } catch (cause) {
        degrade('encode.span', cause);
        writer.at = start;
        return false;
      }
    },
  };
}

function writeSpan(writer: ProtobufWriter, values: ValueWriter, span: ReadableSpan): void {
  const start = writer.begin(SPAN, LENGTH_BYTES);
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  writer.id(0x0a, context.traceId, 16);
  writer.id(0x12, context.spanId, 8);
  writeTraceState(writer, context);
  if (parent?.spanId) writer.id(0x22, parent.spanId, 8);
  values.text(writer, 0x2a, span.name);
  writeCount(writer, 0x30, span.kind == null ? 0 : span.kind + 1);
  writer.nanos(0x39, span.startTime);
  writer.nanos(0x41, span.endTime);
  const leftOut = values.attributes(writer, ATTRIBUTE, span.attributes);
  writeCount(writer, DROPPED_ATTRIBUTES, span.droppedAttributesCount + leftOut);
  const lostEvents = writeEach(writer, values, span.events, writeEvent);
  writeCount(writer, DROPPED_EVENTS, span.droppedEventsCount + lostEvents);
  const lostLinks = writeEach(writer, values, span.links, writeLink);
  writeCount(writer, DROPPED_LINKS, span.droppedLinksCount + lostLinks);
  writeStatus(writer, values, span.status);
  // Field 16: the only one here whose tag takes two bytes.
  writer.begin(0x85, 0);
  writer.begin(0x01, 0);
  writer.fixed32(flagsOf(context.traceFlags, parent?.isRemote));
  writer.end(start, LENGTH_BYTES);
}

/** Returns how many could not be written. */
function writeEach<T>(
  writer: ProtobufWriter,
  values: ValueWriter,
  items: readonly T[],
  write: (writer: ProtobufWriter, values: ValueWriter, item: T) => void,
): number {
  let lost = 0;
  for (const item of items) {
    const start = writer.at;
    try {
      write(writer, values, item);
    } catch (cause) {
      degrade('encode.span', cause);
      writer.at = start;
      lost += 1;
    }
  }
  return lost;
}

function writeEvent(writer: ProtobufWriter, values: ValueWriter, event: TimedEvent): void {
  const start = writer.begin(EVENT, LENGTH_BYTES);
  writer.nanos(0x09, event.time);
  values.text(writer, 0x12, event.name);
  const leftOut = values.attributes(writer, 0x1a, event.attributes);
  writeCount(writer, 0x20, (event.droppedAttributesCount ?? 0) + leftOut);
  writer.end(start, LENGTH_BYTES);
}

function writeLink(writer: ProtobufWriter, values: ValueWriter, link: Link): void {
  const start = writer.begin(LINK, LENGTH_BYTES);
  const { context } = link;
  writer.id(0x0a, context.traceId, 16);
  writer.id(0x12, context.spanId, 8);
  writeTraceState(writer, context);
  const leftOut = values.attributes(writer, 0x22, link.attributes);
  writeCount(writer, 0x28, (link.droppedAttributesCount ?? 0) + leftOut);
  writer.begin(0x35, 0);
  writer.fixed32(flagsOf(context.traceFlags, context.isRemote));
  writer.end(start, LENGTH_BYTES);
}

function writeStatus(writer: ProtobufWriter, values: ValueWriter, { code, message }: SpanStatus): void {
  if (!code && !message) return;
  const start = writer.begin(STATUS, 1);
  if (message) values.text(writer, 0x12, message);
  writeCount(writer, 0x18, code);
  writer.end(start, 1);
}

function writeTraceState(writer: ProtobufWriter, { traceState }: SpanContext): void {
  if (traceState === undefined) return;
  const text = guard('encode.trace-state', () => traceState.serialize(), '');
  if (text) writer.text(0x1a, text);
}

function writeCount(writer: ProtobufWriter, tag: number, count: number): void {
  if (count > 0) writer.integer(tag, count);
}

function flagsOf(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}
