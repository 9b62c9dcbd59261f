/**
 * What an OTLP server says in the body of its answer.
 *
 * Reads the two messages that matter, in both encodings, without knowing the signal: `ExportXServiceResponse`
 * (`partial_success = 1` of `rejected = 1`, `error_message = 2`) and `google.rpc.Status` (`message = 2`).
 * Bodies come from strangers: anything unreadable is nothing said.
 * Layer: delivery. Source: opentelemetry-proto 1.x, OTLP specification “OTLP/HTTP response”.
 */

/** What a server did not take of an accepted request. */
export interface PartialSuccess {
  readonly rejectedItems: number;
  readonly message: string;
}

/** Reads the partial success of a 2xx answer; `undefined` when there is none. */
export function parsePartialSuccess(body: Uint8Array, contentType: string): PartialSuccess | undefined {
  const found = isJson(contentType) ? partialSuccessOfJson(parseJson(body)) : partialSuccessOfProtobuf(body);
  return found !== undefined && (found.rejectedItems > 0 || found.message !== '') ? found : undefined;
}

/** Reads the message of an error answer: protobuf or JSON status, else its text; empty when there is none. */
export function parseErrorMessage(body: Uint8Array, contentType: string): string {
  if (contentType.includes('protobuf')) return decodeText(parseFields(body)?.get(2));
  const text = decodeText(body);
  if (!isJson(contentType)) return contentType.includes('html') ? withoutTags(text) : text;
  const status = parseJson(body);
  const message = isRecord(status) ? (status['message'] ?? status['error']) : undefined;
  return typeof message === 'string' ? message : text;
}

function isJson(contentType: string): boolean {
  return contentType.includes('json');
}

function partialSuccessOfJson(response: unknown): PartialSuccess | undefined {
  const partial = isRecord(response) ? (response['partialSuccess'] ?? response['partial_success']) : undefined;
  if (!isRecord(partial)) return undefined;
  const message = partial['errorMessage'] ?? partial['error_message'];
  // `rejectedSpans`, `rejectedDataPoints`, `rejectedLogRecords`; 64-bit numbers may be text.
  const rejected = Object.entries(partial).find(([name]) => name.startsWith('rejected'))?.[1];
  return { rejectedItems: toCount(Number(rejected ?? 0)), message: typeof message === 'string' ? message : '' };
}

function partialSuccessOfProtobuf(body: Uint8Array): PartialSuccess | undefined {
  const partial = parseFields(body)?.get(1);
  const fields = partial instanceof Uint8Array ? parseFields(partial) : undefined;
  if (fields === undefined) return undefined;
  const rejected = fields.get(1);
  return { rejectedItems: typeof rejected === 'number' ? toCount(rejected) : 0, message: decodeText(fields.get(2)) };
}

/** The last value of each field of a message: numbers of varint fields, bytes of length-delimited ones. */
function parseFields(bytes: Uint8Array): Map<number, number | Uint8Array> | undefined {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [field, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) fields.set(field, varint());
    else if (wireType === 2) {
      const length = varint();
      if (!(length <= bytes.length - at)) return undefined;
      fields.set(field, bytes.subarray(at, (at += length)));
    } else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else return undefined;
  }
  return fields;
}

function decodeText(value: number | Uint8Array | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : '';
}

function withoutTags(html: string): string {
  return html.replaceAll(/<(script|style)[^]*?<\/\1>|<[^>]*>/gi, ' ');
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(body));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toCount(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
