/**
 * Writes protobuf in one pass into a buffer that is used again and again.
 *
 * A length stands in front of its content, so room for it is kept and filled in afterwards. Longer than need be is
 * legal (a padded varint); content that outgrows its room moves up. That costs less than measuring everything first.
 * Positions work as a stack: whoever writes an item in the middle of another one, as a getter that logs does, moves it
 * out and leaves the writer as it was. That is why items are not written straight into the memory they end up in; the
 * copy is a hundredth of the cost. Layer: encode. Source: protobuf.dev, Encoding.
 */

/** An item larger than this would be refused by every receiver; the bound also ends values that never end. */
const MAX_ITEM_BYTES = 8 * 1024 * 1024;

/** Room for all but the largest items. */
const INITIAL_BYTES = 16 * 1024;

/** Larger buffers are given back after use: one huge item must not cost memory for ever. */
const KEPT_BYTES = 1024 * 1024;

/** Up to this many UTF-16 units a loop is faster than native code; their length fits into one byte in any case. */
const SHORT_TEXT = 32;

/** Of up to this many UTF-16 units the length always fits into two bytes. */
const MEDIUM_TEXT = 5461;

const TWO_TO_32 = 2 ** 32;

/** Value of each hexadecimal digit by character code; everything else is {@link NO_DIGIT}. */
const HEX_DIGITS: Uint8Array = new Uint8Array(128).fill(16);
for (let digit = 0; digit < 16; digit++) {
  HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  HEX_DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const NO_DIGIT = 16;

/** Tags are the bytes on the wire: field number × 8 + wire type. */
export class ProtobufWriter {
  /** Where the next byte goes. Set it back to undo. */
  at = 0;
  #bytes: Buffer;
  readonly #initialBytes: number;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.#initialBytes = initialBytes;
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Moves everything written from `start` on to `target`, which has room for it from `targetStart` on. */
  moveTo(target: Uint8Array, targetStart: number, start: number): void {
    this.#bytes.copy(target, targetStart, start, this.at);
    this.#forget(start);
  }

  /** Copies everything written from `start` on to the beginning of `target`, which has room for it. */
  copyTo(target: Uint8Array, start: number): void {
    this.#bytes.copy(target, 0, start, this.at);
  }

  /** A copy of everything written from `start` on, which is then forgotten. */
  take(start: number): Buffer {
    const copy = this.copyFrom(start);
    this.#forget(start);
    return copy;
  }

  #forget(start: number): void {
    this.at = start;
    if (start === 0 && this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(this.#initialBytes);
  }

  /** A copy of everything written from `start` on. */
  copyFrom(start: number): Buffer {
    return Buffer.from(this.#bytes.subarray(start, this.at));
  }

  /**
   * Starts a message or another value with a length.
   *
   * @param lengthBytes - room for the length; a good guess spares moving the content
   * @returns what {@link end} needs to know
   */
  begin(tag: number, lengthBytes: number): number {
    this.#reserve(lengthBytes + 1);
    this.#bytes[this.at] = tag;
    const start = this.at + 1;
    this.at = start + lengthBytes;
    return start;
  }

  /** Ends what `begin` with the same `lengthBytes` has started. */
  end(start: number, lengthBytes: number): void {
    const length = this.at - start - lengthBytes;
    if (length < 128 && lengthBytes === 1) this.#bytes[start] = length;
    else this.#writeLength(start, lengthBytes, length);
  }

  #writeLength(start: number, lengthBytes: number, length: number): void {
    const missing = varintBytes(length) - lengthBytes;
    if (missing > 0) {
      this.#reserve(missing);
      this.#bytes.copyWithin(start + lengthBytes + missing, start + lengthBytes, this.at);
      this.at += missing;
    }
    const last = start + Math.max(lengthBytes, lengthBytes + missing) - 1;
    let rest = length;
    for (let at = start; at < last; at++, rest >>>= 7) this.#bytes[at] = (rest & 127) | 128;
    this.#bytes[last] = rest;
  }

  /** Bytes that are protobuf already. */
  raw(content: Uint8Array): void {
    const { length } = content;
    this.#reserve(length);
    this.#bytes.set(content, this.at);
    this.at += length;
  }

  byteString(tag: number, content: Uint8Array): void {
    const start = this.begin(tag, 1);
    this.raw(content);
    this.end(start, 1);
  }

  /** Text as UTF-8; a lone surrogate becomes U+FFFD, as with `TextEncoder`. */
  text(tag: number, content: string): void {
    const { length } = content;
    if (length <= SHORT_TEXT) {
      this.#reserve(2 + 3 * length);
      this.#shortText(tag, content, this.at);
      return;
    }
    const maxBytes = length <= MEDIUM_TEXT ? 3 * length : Buffer.byteLength(content);
    const lengthBytes = varintBytes(maxBytes);
    const start = this.begin(tag, lengthBytes);
    this.#reserve(maxBytes);
    this.at += this.#bytes.write(content, this.at);
    this.end(start, lengthBytes);
  }

  /** A message with nothing but a text in it. */
  textMessage(outerTag: number, tag: number, content: string): void {
    const { length } = content;
    if (length <= SHORT_TEXT) {
      this.#reserve(4 + 3 * length);
      const { at } = this;
      this.#bytes[at] = outerTag;
      this.#shortText(tag, content, at + 2);
      this.#bytes[at + 1] = this.at - at - 2;
      return;
    }
    const lengthBytes = varintBytes(length + 4);
    const start = this.begin(outerTag, lengthBytes);
    this.text(tag, content);
    this.end(start, lengthBytes);
  }

  #shortText(tag: number, content: string, at: number): void {
    const bytes = this.#bytes;
    const { length } = content;
    const start = at + 2;
    let written = length;
    for (let index = 0; index < length; index++) {
      const code = content.charCodeAt(index);
      if (code > 127) {
        written = bytes.write(content, start);
        break;
      }
      bytes[start + index] = code;
    }
    bytes[at] = tag;
    bytes[at + 1] = written;
    this.at = start + written;
  }

  /** An integer from -2⁶³ to 2⁶⁴, as far as a number can hold it; negative ones take ten bytes (`int64`). */
  integer(tag: number, value: number): void {
    this.#reserve(11);
    this.#bytes[this.at++] = tag;
    this.#varint(value);
  }

  /** Integers as a packed list. */
  integers(tag: number, values: readonly number[]): void {
    const start = this.begin(tag, 1);
    for (const value of values) {
      this.#reserve(10);
      this.#varint(value);
    }
    this.end(start, 1);
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let { at } = this;
    let low = value >>> 0;
    let high = low === value ? 0 : Math.floor(value / TWO_TO_32) >>> 0;
    while (high > 0) {
      bytes[at++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low > 127) {
      bytes[at++] = (low & 127) | 128;
      low >>>= 7;
    }
    bytes[at++] = low;
    this.at = at;
  }

  double(tag: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.at] = tag;
    this.#bytes.writeDoubleLE(value, this.at + 1);
    this.at += 9;
  }

  /** Doubles as a packed list. */
  doubles(tag: number, values: readonly number[]): void {
    const lengthBytes = varintBytes(8 * values.length);
    const start = this.begin(tag, lengthBytes);
    this.#reserve(8 * values.length);
    for (const value of values) {
      this.#bytes.writeDoubleLE(value, this.at);
      this.at += 8;
    }
    this.end(start, lengthBytes);
  }

  /** `fixed32` without its tag: the only such field of a span has a tag of two bytes. */
  fixed32(value: number): void {
    this.#reserve(4);
    this.#uint32(value);
  }

  /** An integer from -2⁶³ to 2⁶⁴ in eight bytes (`fixed64`, `sfixed64`). */
  fixed64(tag: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.at++] = tag;
    this.#uint64(value);
  }

  /** The same as a packed list. */
  fixed64s(tag: number, values: readonly number[]): void {
    const lengthBytes = varintBytes(8 * values.length);
    const start = this.begin(tag, lengthBytes);
    this.#reserve(8 * values.length);
    for (const value of values) this.#uint64(value);
    this.end(start, lengthBytes);
  }

  /** Nanoseconds since 1970 as `fixed64`, without a BigInt: every intermediate result is below 2⁵³. */
  nanos(tag: number, time: readonly [seconds: number, nanos: number]): void {
    const [seconds, nanos] = time;
    const upper = Math.floor(seconds / 65536) * 1e9;
    const lower = (upper & 65535) * 65536 + (seconds & 65535) * 1e9 + nanos;
    this.#reserve(9);
    this.#bytes[this.at++] = tag;
    this.#uint32(lower);
    this.#uint32(Math.floor(upper / 65536) + Math.floor(lower / TWO_TO_32));
  }

  /**
   * A trace or span id.
   *
   * @throws RangeError if `hex` is anything but twice `size` digits: receivers refuse a whole request for that
   */
  id(tag: number, hex: string, size: number): void {
    if (hex.length !== 2 * size) throw new RangeError(`an id has ${hex.length} digits instead of ${2 * size}`);
    this.#reserve(2 + size);
    const bytes = this.#bytes;
    bytes[this.at] = tag;
    bytes[this.at + 1] = size;
    const start = this.at + 2;
    let seen = 0;
    for (let index = 0; index < size; index++) {
      const high = HEX_DIGITS[hex.charCodeAt(2 * index)] ?? NO_DIGIT;
      const low = HEX_DIGITS[hex.charCodeAt(2 * index + 1)] ?? NO_DIGIT;
      seen |= high | low;
      bytes[start + index] = (high << 4) | low;
    }
    if (seen >= NO_DIGIT) throw new RangeError('an id is not hexadecimal');
    this.at = start + size;
  }

  #uint64(value: number): void {
    this.#uint32(value);
    this.#uint32(Math.floor(value / TWO_TO_32));
  }

  /** The lowest 32 bits of an integer. */
  #uint32(integer: number): void {
    const bytes = this.#bytes;
    const value = integer >>> 0;
    const { at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }

  #reserve(size: number): void {
    if (this.at + size > this.#bytes.length) this.#grow(this.at + size);
  }

  #grow(needed: number): void {
    if (needed > MAX_ITEM_BYTES) throw new RangeError(`an item has more than ${MAX_ITEM_BYTES} bytes`);
    const larger = Buffer.allocUnsafeSlow(Math.min(MAX_ITEM_BYTES, Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.at));
    this.#bytes = larger;
  }
}

/** Bytes of a length as a varint. */
export function varintBytes(length: number): number {
  if (length < 128) return 1;
  if (length < 16384) return 2;
  return length < 2097152 ? 3 : 4;
}
