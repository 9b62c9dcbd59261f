/**
 * Exemplars as `Exemplar` of OTLP.
 *
 * Layer: encode. Source: opentelemetry-proto `metrics.proto`.
 */
import { degrade } from '../core/guard.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** One measurement and the span it was made in. */
export interface Exemplar {
  readonly value: number;
  /** Milliseconds since the Unix epoch. */
  readonly timeMillis: number;
  readonly traceId: string;
  readonly spanId: string;
}

const TIME = 0x11;
const AS_DOUBLE = 0x19;
const SPAN_ID = 0x22;
const TRACE_ID = 0x2a;
const AS_INT = 0x31;

/** Writes exemplars as a repeated field; one that cannot be written is left out. Never throws. */
export function writeExemplars(
  writer: ProtobufWriter,
  tag: number,
  exemplars: readonly Exemplar[],
  isInteger: boolean,
): void {
  for (const exemplar of exemplars) {
    const before = writer.at;
    try {
      const start = writer.begin(tag, 1);
      const seconds = Math.floor(exemplar.timeMillis / 1000);
      writer.nanos(TIME, [seconds, Math.round((exemplar.timeMillis - seconds * 1000) * 1e6)]);
      if (isInteger) writer.fixed64(AS_INT, exemplar.value);
      else writer.double(AS_DOUBLE, exemplar.value);
      writer.id(SPAN_ID, exemplar.spanId, 8);
      writer.id(TRACE_ID, exemplar.traceId, 16);
      writer.end(start, 1);
    } catch (cause) {
      writer.at = before;
      degrade('encode.exemplar', cause);
    }
  }
}
