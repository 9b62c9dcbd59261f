/**
 * Reads protobuf by schema. Every read is checked against the bounds of its message; malformed input gives a reason
 * and never throws.
 *
 * After the first fault the cursor keeps its reason and all loops end, so the reading code needs no checks of its own.
 * Source: protobuf.dev, Encoding.
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

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Next byte to read. */
  at: number;
  /** End of the message being read. */
  end: number;
  depth: number;
  messages: number;
  /** First fault. */
  fault: string | undefined;
}

/** A byte order mark at the start of a string is part of it. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes one message. */
export function readProtobuf(schema: Schema, bytes: Uint8Array): Decoded<Message> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor: Cursor = { bytes, view, at: 0, end: bytes.length, depth: 0, messages: 0, fault: undefined };
  const value = readMessage(cursor, schema);
  return cursor.fault === undefined ? { ok: true, value } : { ok: false, reason: cursor.fault };
}

function readMessage(cursor: Cursor, schema: Schema): Message {
  if (++cursor.messages > MAX_MESSAGES) fail(cursor, `more than ${MAX_MESSAGES} messages`);
  const message = emptyMessage(schema);
  while (hasMore(cursor)) {
    const tag = readVarint(cursor);
    const field = schema.byNumber.get(Math.floor(tag / 8));
    const wireType = tag % 8;
    if (field === undefined) skip(cursor, wireType);
    else readField(cursor, message, field, wireType);
  }
  return message;
}

function readField(cursor: Cursor, message: Message, field: Field, wireType: number): void {
  const nested = nestedSchema(field.type);
  const expected = nested === undefined ? wireTypeOf(field) : LENGTH;
  const packed = field.presence === 'many' && wireType === LENGTH && expected !== LENGTH;
  if (wireType !== expected && !packed) {
    fail(cursor, `${field.json} has wire type ${wireType} instead of ${expected}`);
  } else if (nested !== undefined) {
    const value = readWithin(cursor, () => readMessage(cursor, nested));
    if (cursor.fault === undefined) putValue(message, field, value);
  } else if (packed) {
    readWithin(cursor, () => {
      while (hasMore(cursor)) putValue(message, field, readSingle(cursor, field));
    });
  } else {
    putValue(message, field, readSingle(cursor, field));
  }
}

/** Runs `read` with the end of the cursor set to the end of the length-delimited value that starts here. */
function readWithin<T>(cursor: Cursor, read: () => T): T | undefined {
  const length = readVarint(cursor);
  if (!hasRoom(cursor, length)) return undefined;
  if (cursor.depth === MAX_DEPTH) return fail(cursor, `nested deeper than ${MAX_DEPTH}`);
  const outerEnd = cursor.end;
  cursor.end = cursor.at + length;
  cursor.depth++;
  const value = read();
  cursor.depth--;
  cursor.end = outerEnd;
  return value;
}

function wireTypeOf(field: Field): number {
  if (typeof field.type === 'object') return VARINT;
  return SCALARS[field.type as Scalar].wireType;
}

function readSingle(cursor: Cursor, field: Field): unknown {
  if (typeof field.type === 'object' && 'words' in field.type) {
    return field.type.words[readVarint(cursor)] ?? field.type.words[0];
  }
  return SCALARS[field.type as Scalar].read(cursor);
}

const SCALARS: Record<Scalar, { readonly wireType: number; readonly read: (cursor: Cursor) => unknown }> = {
  string: { wireType: LENGTH, read: (cursor) => utf8.decode(readBytes(cursor)) },
  bytes: { wireType: LENGTH, read: (cursor) => Uint8Array.from(readBytes(cursor)) },
  traceId: { wireType: LENGTH, read: (cursor) => readId(cursor, 16) },
  spanId: { wireType: LENGTH, read: (cursor) => readId(cursor, 8) },
  bool: { wireType: VARINT, read: (cursor) => readVarint(cursor) !== 0 },
  uint32: { wireType: VARINT, read: readVarint },
  uint64: { wireType: VARINT, read: readVarint },
  sint32: { wireType: VARINT, read: readZigzag },
  int64: { wireType: VARINT, read: readInt64 },
  fixed32: { wireType: FIXED32, read: (cursor) => readFixed(cursor, 4, (view, at) => view.getUint32(at, true)) },
  fixed64: {
    wireType: FIXED64,
    read: (cursor) => readFixed(cursor, 8, (view, at) => Number(view.getBigUint64(at, true))),
  },
  sfixed64: {
    wireType: FIXED64,
    read: (cursor) => readFixed(cursor, 8, (view, at) => Number(view.getBigInt64(at, true))),
  },
  nanos: { wireType: FIXED64, read: (cursor) => readFixed(cursor, 8, (view, at) => view.getBigUint64(at, true)) ?? 0n },
  double: { wireType: FIXED64, read: (cursor) => readFixed(cursor, 8, (view, at) => view.getFloat64(at, true)) },
};

function readFixed<T>(cursor: Cursor, size: number, read: (view: DataView, at: number) => T): T | undefined {
  if (!hasRoom(cursor, size)) return undefined;
  cursor.at += size;
  return read(cursor.view, cursor.at - size);
}

function readBytes(cursor: Cursor): Uint8Array {
  const length = readVarint(cursor);
  if (!hasRoom(cursor, length)) return new Uint8Array();
  cursor.at += length;
  return cursor.bytes.subarray(cursor.at - length, cursor.at);
}

function readId(cursor: Cursor, size: number): string {
  const bytes = readBytes(cursor);
  if (bytes.length !== 0 && bytes.length !== size) fail(cursor, `an id has ${bytes.length} bytes instead of ${size}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** As a number: exact up to 2^53, which tags, lengths, 32-bit values and counts do not exceed. */
function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let scale = 1; scale < 2 ** 70; scale *= 128) {
    if (!hasRoom(cursor, 1)) return 0;
    const byte = cursor.bytes[cursor.at++] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  fail(cursor, 'a varint is longer than 10 bytes');
  return 0;
}

function readZigzag(cursor: Cursor): number {
  const value = readVarint(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function readInt64(cursor: Cursor): number | bigint {
  const start = cursor.at;
  const near = readVarint(cursor);
  if (near <= Number.MAX_SAFE_INTEGER) return near;
  let value = 0n;
  for (let at = cursor.at - 1; at >= start; at--) value = (value << 7n) | BigInt((cursor.bytes[at] as number) & 0x7f);
  return narrowInteger(BigInt.asIntN(64, value));
}

function skip(cursor: Cursor, wireType: number): void {
  if (wireType === VARINT) readVarint(cursor);
  else if (wireType === FIXED64) readFixed(cursor, 8, () => undefined);
  else if (wireType === LENGTH) readBytes(cursor);
  else if (wireType === FIXED32) readFixed(cursor, 4, () => undefined);
  else fail(cursor, `unknown wire type ${wireType}`);
}

function hasMore(cursor: Cursor): boolean {
  return cursor.fault === undefined && cursor.at < cursor.end;
}

function hasRoom(cursor: Cursor, size: number): boolean {
  if (cursor.fault === undefined && size > cursor.end - cursor.at) {
    fail(cursor, `a value at byte ${cursor.at} runs past the end of its message`);
  }
  return cursor.fault === undefined;
}

function fail(cursor: Cursor, fault: string): undefined {
  cursor.fault ??= fault;
}
