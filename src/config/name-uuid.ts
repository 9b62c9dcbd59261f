/**
 * UUID version 5: the same name always gives the same UUID (RFC 9562 §5.5).
 *
 * Written out because loading `node:crypto` costs more than the whole resource may; SHA-1 is what the standard asks
 * for and protects nothing here.
 * Layer: config.
 */

/** Namespace of `service.instance.id`, from the semantic conventions. */
export const SERVICE_INSTANCE_NAMESPACE = '4d63009a-8d0f-11ee-aad7-4c796ed8e320';

/**
 * The UUID of `name` within `namespace`.
 *
 * @param namespace - a UUID in its text form
 */
export function createNameUuid(namespace: string, name: string): string {
  const prefix = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const digest = sha1(Buffer.concat([prefix, Buffer.from(name, 'utf8')])).subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** FIPS 180-4 §6.1. */
function sha1(message: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(padded);
  padded.writeUInt8(0x80, message.length);
  padded.writeBigUInt64BE(BigInt(message.length) * 8n, padded.length - 8);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  for (let offset = 0; offset < padded.length; offset += 64) mixBlock(state, padded.subarray(offset, offset + 64));
  const digest = Buffer.alloc(20);
  for (let index = 0; index < 5; index++) digest.writeInt32BE(at(state, index), index * 4);
  return digest;
}

function mixBlock(state: Int32Array, block: Buffer): void {
  const words = new Int32Array(80);
  for (let t = 0; t < 16; t++) words[t] = block.readInt32BE(t * 4);
  for (let t = 16; t < 80; t++) {
    words[t] = rotate(at(words, t - 3) ^ at(words, t - 8) ^ at(words, t - 14) ^ at(words, t - 16), 1);
  }
  // Plain local variables: this runs once, in the interpreter, where every call and array costs more than the arithmetic.
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  for (let t = 0; t < 80; t++) {
    const next = (rotate(a, 5) + choose(t, b, c, d) + e + at(ROUND_CONSTANTS, Math.floor(t / 20)) + at(words, t)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state.set([at(state, 0) + a, at(state, 1) + b, at(state, 2) + c, at(state, 3) + d, at(state, 4) + e]);
}

const ROUND_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

function choose(t: number, b: number, c: number, d: number): number {
  if (t < 20) return (b & c) | (~b & d);
  if (t >= 40 && t < 60) return (b & c) | (b & d) | (c & d);
  return b ^ c ^ d;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function at(words: ArrayLike<number>, index: number): number {
  return words[index] ?? 0;
}
