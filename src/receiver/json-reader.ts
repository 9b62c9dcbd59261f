/**
 * Reads the JSON encoding of OTLP by schema: ids are hex, 64-bit integers are decimal text or numbers, bytes base64.
 * Malformed input gives a reason and never throws.
 *
 * Source: OTLP specification, JSON Protobuf Encoding; protobuf.dev, ProtoJSON.
 * Layer: receiver.
 */
import {
  emptyMessage,
  MAX_DEPTH,
  MAX_MESSAGES,
  narrowInteger,
  nestedSchema,
  putValue,
  type Decoded,
  type Message,
} from './message.ts';
import type { Field, Scalar, Schema } from '../encode/otlp-schema.ts';

interface Reading {
  depth: number;
  messages: number;
  /** First fault; the reading ends soon after it. */
  fault: string | undefined;
}

/** A value of the wrong form. */
const WRONG = Symbol('wrong');

/** Decodes one message from JSON text. */
export function readJson(schema: Schema, bytes: Uint8Array): Decoded<Message> {
  const reading: Reading = { depth: 0, messages: 0, fault: undefined };
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { ok: false, reason: 'the body is not JSON' };
  }
  const value = readMessage(reading, schema, document);
  return reading.fault === undefined ? { ok: true, value } : { ok: false, reason: reading.fault };
}

function readMessage(reading: Reading, schema: Schema, source: unknown): Message {
  const message = emptyMessage(schema);
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    reading.fault ??= 'a message is not an object';
  } else if (reading.depth === MAX_DEPTH || ++reading.messages > MAX_MESSAGES) {
    reading.fault ??= `nested deeper than ${MAX_DEPTH}, or more than ${MAX_MESSAGES} messages`;
  } else {
    reading.depth++;
    for (const field of schema.fields) readField(reading, message, field, (source as Message)[field.json]);
    reading.depth--;
  }
  return message;
}

/** Null stands for absent, by ProtoJSON. */
function readField(reading: Reading, message: Message, field: Field, source: unknown): void {
  if (source === undefined || source === null) return;
  if (field.presence !== 'many') {
    readSingle(reading, message, field, source);
  } else if (Array.isArray(source)) {
    for (const entry of source) {
      if (reading.fault !== undefined) return;
      readSingle(reading, message, field, entry);
    }
  } else {
    reading.fault ??= `${field.json} is not an array`;
  }
}

function readSingle(reading: Reading, message: Message, field: Field, source: unknown): void {
  const nested = nestedSchema(field.type);
  const value = nested === undefined ? readPlain(field, source) : readMessage(reading, nested, source);
  if (value === WRONG) reading.fault ??= `${field.json} has a value of the wrong form`;
  if (reading.fault === undefined) putValue(message, field, value);
}

function readPlain(field: Field, source: unknown): unknown {
  if (typeof field.type === 'object' && 'words' in field.type) {
    return Number.isInteger(source) ? (field.type.words[source as number] ?? field.type.words[0]) : WRONG;
  }
  return SCALARS[field.type as Scalar](source);
}

const SCALARS: Record<Scalar, (source: unknown) => unknown> = {
  string: (source) => (typeof source === 'string' ? source : WRONG),
  bytes: (source) => (typeof source === 'string' ? Uint8Array.from(Buffer.from(source, 'base64')) : WRONG),
  traceId: (source) => readId(source, 32),
  spanId: (source) => readId(source, 16),
  bool: (source) => (typeof source === 'boolean' ? source : WRONG),
  uint32: readInteger,
  uint64: readInteger,
  sint32: readInteger,
  fixed32: readInteger,
  fixed64: readInteger,
  sfixed64: readInteger,
  int64: (source) => mapInteger(source, narrowInteger),
  nanos: (source) => mapInteger(source, (value) => (value < 0n ? WRONG : value)),
  double: readDouble,
};

function readInteger(source: unknown): unknown {
  return mapInteger(source, Number);
}

function mapInteger(source: unknown, map: (value: bigint) => unknown): unknown {
  if (typeof source === 'number') return Number.isInteger(source) ? map(BigInt(source)) : WRONG;
  return typeof source === 'string' && /^-?\d{1,20}$/.test(source) ? map(BigInt(source)) : WRONG;
}

function readDouble(source: unknown): unknown {
  if (typeof source === 'number') return source;
  if (typeof source !== 'string' || source.trim() === '') return WRONG;
  const value = Number(source);
  return Number.isNaN(value) && source !== 'NaN' ? WRONG : value;
}

function readId(source: unknown, length: number): unknown {
  if (typeof source !== 'string' || !/^[0-9a-f]*$/i.test(source)) return WRONG;
  return source.length === 0 || source.length === length ? source.toLowerCase() : WRONG;
}
