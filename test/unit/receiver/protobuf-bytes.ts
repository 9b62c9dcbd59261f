/** Writes protobuf by hand, so that tests can say what no official serializer writes: exemplars, summaries, mistakes. */

/** A value of wire type 0, 1 or 2 is a bigint, a number (double) or bytes and text. */
export type WireValue = bigint | number | string | Uint8Array;

/** One field with its tag. */
export function wireField(number: number, value: WireValue): Uint8Array {
  if (typeof value === 'bigint') return Buffer.concat([varint(BigInt(number) << 3n), varint(value)]);
  if (typeof value === 'number') return Buffer.concat([varint((BigInt(number) << 3n) | 1n), double(value)]);
  const content = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint((BigInt(number) << 3n) | 2n), varint(BigInt(content.length)), content]);
}

/** A field of wire type 1 holding an integer. */
export function fixed64Field(number: number, value: bigint): Uint8Array {
  const content = Buffer.alloc(8);
  content.writeBigInt64LE(BigInt.asIntN(64, value));
  return Buffer.concat([varint((BigInt(number) << 3n) | 1n), content]);
}

/** A message in a field, or the body itself with number 0. */
export function wireMessage(number: number, ...fields: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(fields);
  return number === 0 ? content : wireField(number, content);
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function double(value: number): Uint8Array {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return content;
}
