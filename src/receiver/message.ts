/**
 * Building decoded messages: defaults first, then one value after another. Shared by the protobuf and the JSON reader,
 * so that both encodings end in the same objects.
 *
 * Layer: receiver.
 */
import { ANY_VALUE, KEY_VALUE, type Field, type FieldType, type Schema } from '../encode/otlp-schema.ts';

/** A decoded message by the names of `otlp-schema.ts`. */
export interface Message {
  [name: string]: unknown;
}

/** What a reader gives: malformed input is an expected outcome, so it is a value. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Nesting of a legal message is below 20; values nested deeper than this are refused, as protobuf libraries do. */
export const MAX_DEPTH = 100;

/** An empty message costs two bytes on the wire and a hundred in memory: this keeps a hostile body bounded. */
export const MAX_MESSAGES = 2_000_000;

/** The schema behind a field that holds a message; `undefined` for scalars and enumerations. */
export function nestedSchema(type: FieldType): Schema | undefined {
  if (type === 'any') return ANY_VALUE;
  if (type === 'attribute') return KEY_VALUE;
  return typeof type === 'object' && 'fields' in type ? type : undefined;
}

/** A message of which nothing was on the wire. */
export function emptyMessage(schema: Schema): Message {
  const message: Message = {};
  for (const field of schema.fields) {
    if (field.presence === 'many') message[field.name] = field.type === 'attribute' ? {} : [];
    else if (field.presence === 'one') message[field.name] = defaultValue(field.type);
  }
  return message;
}

/** Puts one decoded value where it belongs. An empty optional id counts as absent. */
export function putValue(message: Message, field: Field, value: unknown): void {
  if (field.type === 'attribute') {
    const { key, value: content } = value as { key: string; value: unknown };
    putOwn(message[field.name] as Message, key, content);
    return;
  }
  const content = field.type === 'any' ? anyContent(value as Message) : value;
  if (field.presence === 'many') (message[field.name] as unknown[]).push(content);
  else if (field.presence === 'one' || content !== '' || !isId(field.type)) message[field.name] = content;
}

/** A number where that is exact, else the bigint. */
export function narrowInteger(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** Plain assignment to the key `__proto__` would change the prototype instead of adding a key. */
function putOwn(target: Message, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function anyContent(message: Message): unknown {
  const list = message['list'] as Message | undefined;
  return list?.['values'] ?? message['value'] ?? null;
}

function isId(type: FieldType): boolean {
  return type === 'traceId' || type === 'spanId';
}

function defaultValue(type: FieldType): unknown {
  if (type === 'any') return null;
  if (type === 'string' || isId(type)) return '';
  if (type === 'bool') return false;
  if (type === 'nanos') return 0n;
  if (typeof type === 'object') return 'words' in type ? type.words[0] : emptyMessage(type);
  return 0;
}
