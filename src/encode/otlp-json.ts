/**
 * Turns a protobuf request of ours into its JSON encoding: ids as hex, 64-bit integers as text, bytes as base64.
 *
 * So that destinations that want JSON are served from the same log, under the same limits, as all others.
 * Layer: encode. Loaded with the first JSON request. Source: OTLP specification, JSON Protobuf Encoding; ProtoJSON.
 */
import { ANY_VALUE, type Field, type FieldType, KEY_VALUE, type Scalar, type Schema } from './otlp-schema.ts';

/** The JSON text of one message. `bytes` must be well-formed: they are our own. */
export function toOtlpJson(schema: Schema, bytes: Uint8Array): Buffer {
  const reader = new Reader(bytes);
  return Buffer.from(JSON.stringify(readMessage(reader, schema, bytes.length)));
}

interface JsonMessage {
  [name: string]: unknown;
}

function readMessage(reader: Reader, schema: Schema, end: number): JsonMessage {
  const message: JsonMessage = {};
  while (reader.at < end) {
    const tag = Number(reader.varint());
    const field = schema.byNumber.get(tag >>> 3);
    if (field === undefined) reader.skip(tag & 7);
    else if (isPacked(field, tag & 7)) readPacked(reader, message, field);
    else put(message, field, readValue(reader, field.type));
  }
  return message;
}

/** Lists of numbers are one value with a length. */
function isPacked({ presence, type }: Field, wireType: number): boolean {
  return presence === 'many' && wireType === LENGTH && typeof type === 'string' && NUMBERS.has(type as Scalar);
}

function readPacked(reader: Reader, message: JsonMessage, field: Field): void {
  const end = reader.end();
  while (reader.at < end) put(message, field, readValue(reader, field.type));
}

function put(message: JsonMessage, { json, presence }: Field, value: unknown): void {
  if (presence !== 'many') {
    message[json] = value;
    return;
  }
  const list = (message[json] ??= []) as unknown[];
  list.push(value);
}

function readValue(reader: Reader, type: FieldType): unknown {
  if (type === 'any') return readMessage(reader, ANY_VALUE, reader.end());
  if (type === 'attribute') return readMessage(reader, KEY_VALUE, reader.end());
  if (typeof type === 'string') return SCALARS[type](reader);
  return 'words' in type ? Number(reader.varint()) : readMessage(reader, type, reader.end());
}

const LENGTH = 2;

const SCALARS: Readonly<Record<Scalar, (reader: Reader) => unknown>> = {
  string: (reader) => reader.content().toString(),
  bytes: (reader) => reader.content().toString('base64'),
  traceId: (reader) => reader.content().toString('hex'),
  spanId: (reader) => reader.content().toString('hex'),
  bool: (reader) => reader.varint() !== 0n,
  uint32: (reader) => Number(reader.varint()),
  sint32: (reader) => zigzag(Number(reader.varint())),
  uint64: (reader) => String(reader.varint()),
  int64: (reader) => String(BigInt.asIntN(64, reader.varint())),
  fixed32: (reader) => reader.fixed(4, (bytes, at) => bytes.readUInt32LE(at)),
  fixed64: (reader) => reader.fixed(8, (bytes, at) => String(bytes.readBigUInt64LE(at))),
  sfixed64: (reader) => reader.fixed(8, (bytes, at) => String(bytes.readBigInt64LE(at))),
  nanos: (reader) => reader.fixed(8, (bytes, at) => String(bytes.readBigUInt64LE(at))),
  double: (reader) => reader.fixed(8, (bytes, at) => finiteOrText(bytes.readDoubleLE(at))),
};

const NUMBERS = new Set<Scalar>([
  'bool',
  'uint32',
  'sint32',
  'uint64',
  'int64',
  'fixed32',
  'fixed64',
  'sfixed64',
  'double',
]);

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** JSON has no number for these. */
function finiteOrText(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** Where the value with a length that starts here ends. */
  end(): number {
    const length = Number(this.varint());
    return this.at + length;
  }

  content(): Buffer {
    const end = this.end();
    const content = this.#bytes.subarray(this.at, end);
    this.at = end;
    return content;
  }

  fixed<T>(size: number, read: (bytes: Buffer, at: number) => T): T {
    this.at += size;
    return read(this.#bytes, this.at - size);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === LENGTH) this.content();
    else this.at += wireType === 1 ? 8 : 4;
  }
}
