/**
 * Compresses the bodies for one destination with a compressor that is used again.
 *
 * One made for each body costs half as much again, and its memory outside of the heap has the garbage collector look
 * through all of the program's several times a second under load.
 * Layer: delivery. Used by `connection.ts`; `node:zlib` is loaded with the first body.
 */
import type { Gzip, ZlibReset } from 'node:zlib';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';

/** Node.js resets streams of gzip like those of deflate, but its manual and its types name only these. */
type ReusableGzip = Gzip & ZlibReset;

/** The lowest: items of a program resemble each other so much that the usual one saves 6 % of the bytes for thrice the time. */
const LEVEL = 1;

export class Compressor {
  #stream: ReusableGzip | undefined;
  #chunks: Uint8Array[] = [];
  #fail: ((cause: Error) => void) | undefined;

  /** The body as gzip. Rejects when memory runs out. */
  compress(body: Uint8Array): Promise<Uint8Array> {
    // A request that missed its deadline may still be at it.
    if (this.#fail !== undefined) return new Compressor().compress(body);
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      const stream = (this.#stream ??= this.#open());
      stream.write(body, (cause) => {
        if (cause) return this.#end(cause);
        // What did not come by itself comes now.
        while (stream.read() !== null) continue;
        const compressed = Buffer.concat(this.#chunks);
        this.#chunks = [];
        this.#fail = undefined;
        stream.reset();
        resolve(compressed);
      });
    });
  }

  #open(): ReusableGzip {
    const { constants, createGzip } = process.getBuiltinModule('node:zlib');
    // The root context: it outlives the request, and must not hold on to what the application had active.
    const options = { level: LEVEL, flush: constants.Z_FINISH };
    const stream = context.with(ROOT_CONTEXT, () => createGzip(options)) as ReusableGzip;
    stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    stream.on('error', (cause) => this.#end(cause));
    return stream;
  }

  #end(cause: Error): void {
    this.#stream = undefined;
    this.#chunks = [];
    this.#fail?.(cause);
    this.#fail = undefined;
  }
}
