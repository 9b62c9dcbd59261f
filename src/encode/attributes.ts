/**
 * Attributes and other values of any kind as `KeyValue` and `AnyValue`.
 *
 * Whatever an application gives, no error leaves this file: an attribute that cannot be written is left out and
 * counted. Layer: encode. Source: opentelemetry-proto `common.proto`; specification, "AnyValue".
 */
import { degrade, guard } from '../core/guard.ts';
import { type ProtobufWriter, varintBytes } from './protobuf-writer.ts';

/**
 * Lists and maps within each other. Most protobuf libraries refuse a request with messages nested deeper than 100, and
 * a map takes three. Also ends circular values.
 */
const MAX_DEPTH = 30;

/** Above that all remembered keys are forgotten: whoever makes keys up as they go gets no memory for it. */
const MAX_KEYS = 2000;
const MAX_KEY_LENGTH = 256;

const KEY = 0x0a;
const VALUE = 0x12;
const STRING = 0x0a;
const BOOLEAN = 0x10;
const INTEGER = 0x18;
const DOUBLE = 0x21;
const LIST = 0x2a;
const MAP = 0x32;
const BYTES = 0x3a;
/** Field 1 of a list or map. */
const MEMBER = 0x0a;

/** Keys with tag and length, as they stand in a `KeyValue`. */
const keyFields = new Map<string, Uint8Array>();

/**
 * Writes attributes as repeated `KeyValue`. Never throws.
 *
 * @returns how many had to be left out
 */
export function writeAttributes(writer: ProtobufWriter, tag: number, attributes: object | undefined): number {
  if (attributes === undefined) return 0;
  let leftOut = 0;
  try {
    for (const key in attributes) {
      if (!Object.hasOwn(attributes, key)) continue;
      if (!writeAttribute(writer, tag, attributes as Record<string, unknown>, key)) leftOut += 1;
    }
  } catch (cause) {
    degrade('encode.attribute', cause);
    leftOut += 1;
  }
  return leftOut;
}

/** Names and messages: text by type, but JavaScript lets anything through. Text of length 0 if nothing else is left. */
export function writeText(writer: ProtobufWriter, tag: number, content: unknown): void {
  writer.text(tag, typeof content === 'string' ? content : guard('encode.text', () => String(content), ''));
}

/** Writes a value as `AnyValue`; says whether it could be written. Never throws. */
export function writeValue(writer: ProtobufWriter, tag: number, value: unknown): boolean {
  const start = writer.at;
  try {
    writeAnyValue(writer, tag, value, 0);
    return true;
  } catch (cause) {
    writer.at = start;
    degrade('encode.value', cause);
    return false;
  }
}

function writeAttribute(
  writer: ProtobufWriter,
  tag: number,
  attributes: Readonly<Record<string, unknown>>,
  key: string,
): boolean {
  const start = writer.at;
  try {
    const value = attributes[key];
    if (value === undefined) return true;
    if (!isValue(value)) {
      degrade('encode.attribute', `a ${typeof value} is no attribute value`);
      return false;
    }
    const lengthBytes = lengthBytesOf(key, value);
    const content = writer.begin(tag, lengthBytes);
    writeKeyValue(writer, key, value, 0);
    writer.end(content, lengthBytes);
    return true;
  } catch (cause) {
    writer.at = start;
    degrade('encode.attribute', cause);
    return false;
  }
}

/** The specification knows neither of these; inside lists and maps they become null, as with the official serializer. */
function isValue(value: unknown): boolean {
  const type = typeof value;
  return type !== 'bigint' && type !== 'symbol' && type !== 'function';
}

/** Room for the length of a `KeyValue`: exact for ASCII text, a guess for everything else. */
function lengthBytesOf(key: string, value: unknown): number {
  if (typeof value !== 'string') return 1;
  return varintBytes(key.length + value.length + 10);
}

function writeKeyValue(writer: ProtobufWriter, key: string, value: unknown, depth: number): void {
  const known = keyFields.get(key);
  if (known === undefined) writeNewKey(writer, key);
  else writer.raw(known);
  writeAnyValue(writer, VALUE, value, depth);
}

function writeNewKey(writer: ProtobufWriter, key: string): void {
  const start = writer.at;
  writer.text(KEY, key);
  if (key.length > MAX_KEY_LENGTH) return;
  if (keyFields.size === MAX_KEYS) keyFields.clear();
  keyFields.set(key, writer.copyFrom(start));
}

function writeAnyValue(writer: ProtobufWriter, tag: number, value: unknown, depth: number): void {
  const lengthBytes = typeof value === 'string' ? varintBytes(value.length + 4) : 1;
  const start = writer.begin(tag, lengthBytes);
  switch (typeof value) {
    case 'string':
      writer.text(STRING, value);
      break;
    case 'number':
      if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) writer.integer(INTEGER, value);
      else writer.double(DOUBLE, value);
      break;
    case 'boolean':
      writer.integer(BOOLEAN, value ? 1 : 0);
      break;
    case 'object':
      if (value !== null) writeObject(writer, value, depth + 1);
      break;
    default: // Nothing in it: null.
  }
  writer.end(start, lengthBytes);
}

function writeObject(writer: ProtobufWriter, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    writer.byteString(BYTES, value);
    return;
  }
  if (depth > MAX_DEPTH) throw new RangeError(`a value is circular or nested deeper than ${MAX_DEPTH}`);
  const isList = Array.isArray(value);
  const start = writer.begin(isList ? LIST : MAP, 1);
  if (isList) for (const item of value) writeAnyValue(writer, MEMBER, item, depth);
  else writeMembers(writer, value as Record<string, unknown>, depth);
  writer.end(start, 1);
}

function writeMembers(writer: ProtobufWriter, map: Readonly<Record<string, unknown>>, depth: number): void {
  for (const key in map) {
    if (!Object.hasOwn(map, key)) continue;
    const value = map[key];
    const lengthBytes = lengthBytesOf(key, value);
    const start = writer.begin(MEMBER, lengthBytes);
    writeKeyValue(writer, key, value, depth);
    writer.end(start, lengthBytes);
  }
}
