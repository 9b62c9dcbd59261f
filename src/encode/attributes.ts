/**
 * Attributes and other values of any kind as `KeyValue` and `AnyValue`.
 *
 * Whatever an application gives, no error leaves this file: an attribute that cannot be written is left out and
 * counted. Layer: encode. Source: opentelemetry-proto `common.proto`; specification, "AnyValue".
 */
import { degrade } from '../core/guard.ts';
import { KnownKeys, type KnownKey } from './known-keys.ts';
import { type ProtobufWriter, varintBytes } from './protobuf-writer.ts';
import type { Redactor, Treatment } from './redact.ts';
import { announcesNext, isNamedPair } from './redact-neighbours.ts';

/**
 * Lists and maps within each other. Most protobuf libraries refuse a request with messages nested deeper than 100, and
 * a map takes three. Also ends circular values.
 */
const MAX_DEPTH = 30;

const MAX_REMEMBERED_TEXT = 256;

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

/** Where a value is: the nearest key, what holds under it, and in how many lists and maps. */
interface Place {
  readonly key: string;
  readonly treatment: Treatment;
  readonly depth: number;
}

const NOWHERE: Place = { key: '', treatment: 'scan', depth: 0 };

/** Gives the redactor in force; `undefined` when texts are written as they are. */
export type RedactorSource = () => Redactor | undefined;

/** Writes values of one kind of items; remembers their keys. */
export class ValueWriter {
  readonly #keys = new KnownKeys();
  readonly #redactorOf: RedactorSource;
  #redactor: Redactor | undefined;
  /** The name or message before, if there was no secret in it: spans of one kind have one name. */
  #lastText: string | undefined;

  /** @param redactorOf - the redactor in force, asked for at each item; by default there is none */
  constructor(redactorOf: RedactorSource = () => undefined) {
    this.#redactorOf = redactorOf;
  }

  /**
   * Writes attributes as repeated `KeyValue`. Never throws.
   *
   * @returns how many had to be left out
   */
  attributes(writer: ProtobufWriter, tag: number, attributes: object | undefined): number {
    let leftOut = 0;
    try {
      this.#takeRedactor();
      let place = 0;
      for (const key in attributes) {
        // The engine knows this form and drops the check; with `Object.hasOwn` the loop takes four times as long.
        if (!Object.prototype.hasOwnProperty.call(attributes, key)) continue;
        const start = writer.at;
        try {
          const value = (attributes as Record<string, unknown>)[key];
          if (value === undefined) continue;
          this.#attribute(writer, tag, this.#keys.at(place, key) ?? this.#learn(writer, key), value);
          place += 1;
        } catch (cause) {
          writer.at = start;
          degrade('encode.attribute', cause);
          leftOut += 1;
        }
      }
    } catch (cause) {
      degrade('encode.attribute', cause);
      leftOut += 1;
    }
    return leftOut;
  }

  /** Names and messages: text by type, but JavaScript lets anything through. Empty if nothing else is left. */
  text(writer: ProtobufWriter, tag: number, content: unknown): void {
    let text = '';
    try {
      this.#takeRedactor();
      const given = typeof content === 'string' ? content : String(content);
      text = given === this.#lastText ? given : this.#shown('scan', '', given);
      this.#lastText = text === given && isRepeatable(given) ? given : undefined;
    } catch (cause) {
      degrade('encode.text', cause);
    }
    writer.text(tag, text);
  }

  /** Writes a value as `AnyValue`, nothing of one that cannot be written. Never throws. */
  value(writer: ProtobufWriter, tag: number, value: unknown): void {
    const start = writer.at;
    try {
      this.#takeRedactor();
      this.#anyValue(writer, tag, value, NOWHERE);
    } catch (cause) {
      writer.at = start;
      degrade('encode.value', cause);
    }
  }

  #attribute(writer: ProtobufWriter, tag: number, known: KnownKey, value: unknown): void {
    const isRepeated = value === known.lastValue;
    if (isRepeated && known.lastBytes !== undefined) {
      writer.begin(tag, 0);
      writer.raw(known.lastBytes);
      return;
    }
    const { key, treatment } = known;
    const start = writer.at + 1;
    if (typeof value === 'string') {
      const text = this.#shown(treatment, key, value);
      const lengthBytes = varintBytes(known.field.length + text.length + 4);
      writer.begin(tag, lengthBytes);
      writer.raw(known.field);
      writer.textMessage(VALUE, STRING, text);
      writer.end(start, lengthBytes);
      // A secret is looked at, and counted, each time.
      if (text !== value) return;
    } else {
      writer.begin(tag, 1);
      writer.raw(known.field);
      if (typeof value === 'object') this.#anyValue(writer, VALUE, value, { key, treatment, depth: 0 });
      else if (isAttributeType(value)) this.#scalar(writer, VALUE, value, { key, treatment, depth: 0 });
      else throw new TypeError(`a ${typeof value} is no attribute value`);
      writer.end(start, 1);
    }
    if (!isRepeatable(value)) return;
    known.lastBytes = isRepeated ? writer.copyFrom(start) : undefined;
    known.lastValue = value;
  }

  /** What is remembered about keys and values is that of one redactor. */
  #takeRedactor(): void {
    const redactor = this.#redactorOf();
    if (redactor === this.#redactor) return;
    this.#redactor = redactor;
    this.#keys.clear();
    this.#lastText = undefined;
  }

  #learn(writer: ProtobufWriter, key: string): KnownKey {
    const start = writer.at;
    const redactor = this.#redactor;
    writer.text(KEY, redactor === undefined ? key : redactor.text('scan', '', key));
    const treatment = redactor === undefined ? 'keep' : redactor.treatment(key);
    const known = { key, field: writer.copyFrom(start), treatment, lastValue: undefined, lastBytes: undefined };
    writer.at = start;
    this.#keys.add(known);
    return known;
  }

  #anyValue(writer: ProtobufWriter, tag: number, value: unknown, place: Place): void {
    if (typeof value !== 'object') {
      this.#scalar(writer, tag, value, place);
      return;
    }
    const start = writer.begin(tag, 1);
    if (value instanceof Uint8Array) writer.byteString(BYTES, value);
    else if (value !== null) this.#object(writer, value, place);
    writer.end(start, 1);
  }

  /** Inside lists and maps, what the specification does not know becomes null, as with the official serializer. */
  #scalar(writer: ProtobufWriter, tag: number, value: unknown, { key, treatment }: Place): void {
    if (typeof value === 'string') {
      writer.textMessage(tag, STRING, this.#shown(treatment, key, value));
      return;
    }
    if (typeof value === 'number' && treatment === 'secret' && this.#redactor !== undefined) {
      writer.textMessage(tag, STRING, this.#redactor.text('secret', key, String(value)));
      return;
    }
    const start = writer.begin(tag, 1);
    if (typeof value === 'boolean') writer.integer(BOOLEAN, value ? 1 : 0);
    else if (typeof value === 'number') {
      if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) writer.integer(INTEGER, value);
      else writer.double(DOUBLE, value);
    }
    writer.end(start, 1);
  }

  #object(writer: ProtobufWriter, value: object, { key, treatment, depth }: Place): void {
    if (depth === MAX_DEPTH) throw new RangeError(`a value is circular or nested deeper than ${MAX_DEPTH}`);
    const isList = Array.isArray(value);
    const start = writer.begin(isList ? LIST : MAP, 1);
    const inside = { key, treatment, depth: depth + 1 };
    if (isList) this.#list(writer, value, inside);
    else this.#map(writer, value, inside);
    writer.end(start, 1);
  }

  #list(writer: ProtobufWriter, list: readonly unknown[], place: Place): void {
    let isAnnounced = false;
    for (const item of list) {
      this.#anyValue(writer, MEMBER, item, isAnnounced ? { ...place, treatment: 'secret' } : place);
      isAnnounced = place.treatment === 'scan' && announcesNext(item, list.length, this.#redactor);
    }
  }

  #map(writer: ProtobufWriter, map: object, { treatment: outer, depth }: Place): void {
    const isNamed = outer === 'scan' && isNamedPair(map, this.#redactor);
    for (const name in map) {
      if (!Object.prototype.hasOwnProperty.call(map, name)) continue;
      const entry = writer.begin(MEMBER, 1);
      const known = this.#keys.get(name) ?? this.#learn(writer, name);
      writer.raw(known.field);
      const isSecret = (outer === 'secret' || (isNamed && name === 'value')) && known.treatment !== 'keep';
      const treatment = isSecret ? 'secret' : known.treatment;
      this.#anyValue(writer, VALUE, (map as Record<string, unknown>)[name], { key: name, treatment, depth });
      writer.end(entry, 1);
    }
  }

  #shown(treatment: Treatment, key: string, text: string): string {
    return this.#redactor === undefined ? text : this.#redactor.text(treatment, key, text);
  }
}

/** The specification knows none of the others. */
function isAttributeType(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Whether a value is worth remembering; a large one would cost memory for ever. */
function isRepeatable(value: unknown): boolean {
  return typeof value === 'string' ? value.length <= MAX_REMEMBERED_TEXT : typeof value !== 'object';
}
