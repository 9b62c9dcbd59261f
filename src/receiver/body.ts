/**
 * Reads a request body into memory, decompressed and never above the limit.
 *
 * Layer: receiver.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

/** What became of the body. `status` is the HTTP status that tells the sender. */
export type Body =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly wireBytes: number }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly reason: string; readonly wireBytes: number };

const DECOMPRESS = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate) };

/** Resolves once the whole body is there; `undefined` when the sender went away before. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body | undefined> {
  const wire = await readWire(request, maxBytes);
  if (wire === undefined) return undefined;
  const wireBytes = wire.length;
  if (wireBytes > maxBytes) return tooLarge(wireBytes, maxBytes);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return { ok: true, bytes: wire.bytes, wireBytes };
  const decompress = DECOMPRESS[encoding as keyof typeof DECOMPRESS];
  if (decompress === undefined) {
    return { ok: false, status: 415, reason: `content-encoding ${encoding} is not known`, wireBytes };
  }
  try {
    return { ok: true, bytes: await decompress(wire.bytes, { maxOutputLength: maxBytes }), wireBytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(wireBytes, maxBytes);
    return { ok: false, status: 400, reason: `the body is not ${encoding}`, wireBytes };
  }
}

function tooLarge(wireBytes: number, maxBytes: number): Body {
  return { ok: false, status: 413, reason: `the body is larger than ${maxBytes} bytes`, wireBytes };
}

/** Reads to the end even beyond the limit, without keeping it: a sender that is still writing reads no answer. */
async function readWire(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; length: number } | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return { bytes: Buffer.concat(chunks), length };
}
