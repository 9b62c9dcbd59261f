/**
 * Fields of a line as attributes: nested values kept, but within bounds.
 *
 * Loggers are handed whole requests, sockets and models; what a text logger prints of them would be megabytes.
 * Layer: instrument.
 */
import type { AnyValue } from '@opentelemetry/api';
import { degrade } from '../../core/guard.ts';

/** Most values of one record, at any depth, and most lists and maps within each other. */
const MAX_VALUES = 512;
const MAX_DEPTH = 6;

/** Stands for what is beyond. */
const MORE = '…';

/** Attributes of a log record, or a map in them. */
export interface LogFields {
  [name: string]: AnyValue;
}

interface Budget {
  values: number;
}

/**
 * Copies what is not in `leftOut`. Never throws; a field that cannot be read is left out and counted.
 *
 * @param leftOut - names of fields that are elsewhere in the record
 */
export function toAttributes(fields: object, leftOut: ReadonlySet<string>): LogFields {
  const attributes: LogFields = {};
  const budget = { values: MAX_VALUES };
  for (const name of Object.keys(fields)) {
    if (leftOut.has(name)) continue;
    const value = readField(fields, name, 1, budget);
    if (value !== undefined) attributes[name] = value;
  }
  return attributes;
}

function readField(owner: object, name: string, depth: number, budget: Budget): AnyValue {
  try {
    return toValue((owner as Record<string, unknown>)[name], depth, budget);
  } catch (cause) {
    degrade('logs.field', cause);
    return undefined;
  }
}

function toValue(value: unknown, depth: number, budget: Budget): AnyValue {
  if (budget.values <= 0) return MORE;
  budget.values -= 1;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : toComposite(value, depth, budget);
    default:
      return undefined;
  }
}

function toComposite(value: object, depth: number, budget: Budget): AnyValue {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Error) return fieldsOf(describeError(value), depth, budget);
  if (depth > MAX_DEPTH) return MORE;
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') {
    const json: unknown = toJSON.call(value, '');
    return json === value ? MORE : toValue(json, depth + 1, budget);
  }
  if (value instanceof Map) return fieldsOf(Object.fromEntries(value), depth, budget);
  if (Array.isArray(value) || value instanceof Set) return toList(value, depth, budget);
  return fieldsOf(value, depth, budget);
}

function toList(value: Iterable<unknown>, depth: number, budget: Budget): AnyValue[] {
  const list: AnyValue[] = [];
  for (const item of value) {
    if (budget.values <= 0) {
      list.push(MORE);
      break;
    }
    list.push(toValue(item, depth + 1, budget) ?? null);
  }
  return list;
}

function fieldsOf(value: object, depth: number, budget: Budget): LogFields {
  const fields: LogFields = {};
  for (const name of Object.keys(value)) {
    if (budget.values <= 0) {
      fields[MORE] = MORE;
      break;
    }
    const field = readField(value, name, depth + 1, budget);
    if (field !== undefined) fields[name] = field;
  }
  return fields;
}

function describeError({ name, message, stack }: Error): object {
  return { type: name, message, stack };
}

/** An error as attributes, and what it holds beside; `undefined` for what is none. */
export interface Exception {
  /** `exception.*`. Source: semantic conventions, "Exceptions in logs". */
  readonly attributes: LogFields;
  /** Its other fields: `code`, `statusCode`, …; `undefined` without any. */
  readonly rest: object | undefined;
}

const DESCRIBED = new Set(['type', 'name', 'message', 'stack']);

/** Reads an error, or what a logger's serializer has made of one. Never throws. */
export function describeException(value: unknown): Exception | undefined {
  try {
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, type, message, stack } = value as Readonly<Record<string, unknown>>;
    if (!(value instanceof Error) && typeof stack !== 'string') return undefined;
    const kind = value instanceof Error ? className(value) : [type, name].find((text) => isText(text));
    const attributes: LogFields = { 'exception.type': isText(kind) ? kind : 'Error' };
    if (typeof message === 'string') attributes['exception.message'] = message;
    if (typeof stack === 'string') attributes['exception.stacktrace'] = stack;
    const others = Object.entries(value).filter(([key]) => !DESCRIBED.has(key));
    return { attributes, rest: others.length === 0 ? undefined : Object.fromEntries(others) };
  } catch (cause) {
    degrade('logs.exception', cause);
    return undefined;
  }
}

/** Many classes of errors leave `name` as they inherit it. */
function className({ name, constructor }: Error): string {
  return name === 'Error' && typeof constructor === 'function' ? constructor.name : name;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
