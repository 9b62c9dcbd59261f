/**
 * Bytes of a page, written once and never moved: chunks instead of one buffer that grows by copying itself.
 *
 * A page of 100 000 series has many megabytes; doubling a buffer of that size would stop the program.
 * Layer: encode.
 */

/** Room for some two hundred histogram series; large enough that chunks are few, small enough to be made in no time. */
const CHUNK_BYTES = 256 * 1024;

/** Longest text of a number, in bytes. */
export const MAX_NUMBER_BYTES = 25;

const ZERO = 48;
const MAX_INT32 = 2_147_483_647;

/** Most chunks kept for the next page: 8 MB. */
const MAX_KEPT = 32;

/**
 * Chunks that nobody reads any more, for the next page.
 *
 * New memory for each page costs more than what is written into it, and makes the garbage collector run for nothing.
 */
export class ChunkPool {
  readonly #free: Buffer[] = [];

  /** A piece of memory with anything in it. */
  take(bytes: number): Buffer {
    return (
      (bytes <= CHUNK_BYTES ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
    );
  }

  /** Takes back the pieces of a page. They are written over from now on. */
  giveBack(pieces: readonly Buffer[]): void {
    for (const { buffer } of pieces) {
      if (this.#free.length < MAX_KEPT && buffer.byteLength === CHUNK_BYTES) this.#free.push(Buffer.from(buffer));
    }
  }
}

/** Bytes of the page. Whoever writes has to {@link reserve} first. */
export class PageBuffer {
  readonly #pool: ChunkPool;
  readonly #full: Buffer[] = [];
  #chunk: Buffer;
  #at = 0;

  constructor(pool: ChunkPool = new ChunkPool()) {
    this.#pool = pool;
    this.#chunk = pool.take(0);
  }

  /** Makes sure that the next `bytes` bytes lie in one piece. */
  reserve(bytes: number): void {
    if (this.#chunk.length - this.#at >= bytes) return;
    this.#full.push(this.#chunk.subarray(0, this.#at));
    this.#chunk = this.#pool.take(bytes);
    this.#at = 0;
  }

  /** Where the next byte goes, in the current piece. */
  get position(): number {
    return this.#at;
  }

  /** Writes text of any length and reserves what it needs. */
  append(text: string): void {
    this.reserve(3 * text.length);
    this.write(text);
  }

  /** At most three bytes for each code unit. */
  write(text: string): void {
    this.#at += this.#chunk.write(text, this.#at);
  }

  /** Text of ASCII characters, a few; faster than {@link write} below some 20 characters. */
  writeShort(text: string): void {
    const chunk = this.#chunk;
    let at = this.#at;
    for (let index = 0; index < text.length; index += 1) chunk[at++] = text.charCodeAt(index);
    this.#at = at;
  }

  writeByte(byte: number): void {
    this.#chunk[this.#at++] = byte;
  }

  /** Writes again what was written from `start` to `end` of the current piece. */
  repeat(start: number, end: number): void {
    this.#chunk.copyWithin(this.#at, start, end);
    this.#at += end - start;
  }

  /** A number as Go reads it, which is what every Prometheus does. */
  writeNumber(value: number): void {
    if (value >= 0 && value <= MAX_INT32 && (value | 0) === value) this.#writeInteger(value);
    else this.writeShort(formatNumber(value));
  }

  /** Without a string, which for most numbers of a page is most of the work. */
  #writeInteger(value: number): void {
    const chunk = this.#chunk;
    const end = this.#at + digitsOf(value);
    let rest = value;
    for (let at = end - 1; at >= this.#at; at -= 1) {
      const tenth = (rest / 10) | 0;
      chunk[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at = end;
  }

  /** All pieces in order. Nothing may be written afterwards. */
  take(): Buffer[] {
    return [...this.#full, this.#chunk.subarray(0, this.#at)];
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}

/** A number as Go reads it. */
export function formatNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}
