/**
 * Responses of Node's servers, of HTTP/1 and of the compatible side of HTTP/2, as one kind.
 *
 * Layer: instrument.
 */
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';

/** Either kind; that of HTTP/2 has no state of its own but a stream. */
export type AnyResponse = ServerResponse & { readonly stream?: ServerHttp2Stream };

/** Whether everything was handed to the connection. */
export function isComplete({ stream, writableFinished }: AnyResponse): boolean {
  return stream === undefined ? writableFinished : stream.writableFinished && !isReset(stream);
}

/** Why the server's own side gave the response up; null or undefined if it did not. */
export function failureOf({ stream, errored }: AnyResponse): Error | null | undefined {
  if (stream === undefined) return errored;
  // A body after HEAD, which Node allows, is an error of a stream that ends well.
  return isReset(stream) ? stream.errored : undefined;
}

/** Whether one of the two sides broke the stream off. */
function isReset({ aborted, rstCode }: ServerHttp2Stream): boolean {
  return aborted || (rstCode !== undefined && rstCode !== 0);
}

/** Tells Node's responses from those of adapters, which end in other ways. */
export class ResponseClasses {
  readonly #http: typeof ServerResponse = process.getBuiltinModule('node:http').ServerResponse;
  #http2: (new (...args: never[]) => object) | undefined;

  /** Takes the responses of HTTP/2 servers for Node's too; from then on, since nobody has loaded HTTP/2 before. */
  includeHttp2(): void {
    this.#http2 ??= process.getBuiltinModule('node:http2').Http2ServerResponse;
  }

  has(response: object): response is AnyResponse {
    return response instanceof this.#http || (this.#http2 !== undefined && response instanceof this.#http2);
  }
}
