/**
 * Answers of an OTLP/HTTP server and of Sentry's ingestion, in the encoding of the request.
 *
 * Source: OTLP specification, OTLP/HTTP Response; google.rpc.Status.
 * Layer: receiver.
 */
import type { Encoding } from './otlp-items.ts';
import type { ReceivedSignal } from './received.ts';

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

const REJECTED_NAMES: Record<ReceivedSignal, string> = {
  traces: 'rejectedSpans',
  sentrySpans: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
  envelopes: 'rejected',
};

/** 200, with a partial success if one is given. */
export function successAnswer(
  signal: ReceivedSignal,
  encoding: Encoding,
  partialSuccess?: { readonly rejected: number; readonly message: string },
): Answer {
  if (partialSuccess === undefined) return answer(200, encoding, {}, new Uint8Array());
  const { rejected, message } = partialSuccess;
  return answer(
    200,
    encoding,
    { partialSuccess: { [REJECTED_NAMES[signal]]: String(rejected), errorMessage: message } },
    lengthDelimited(1, numberAndText(rejected, message)),
  );
}

/** An error with a `google.rpc.Status` as its body. */
export function errorAnswer(status: number, encoding: Encoding, message: string): Answer {
  // Code 3 is INVALID_ARGUMENT, 14 UNAVAILABLE; clients go by the HTTP status.
  const code = status < 500 ? 3 : 14;
  return answer(status, encoding, { code, message }, numberAndText(code, message));
}

function answer(status: number, encoding: Encoding, json: object, protobuf: Uint8Array): Answer {
  if (encoding === 'protobuf') return { status, contentType: 'application/x-protobuf', body: protobuf };
  return { status, contentType: 'application/json', body: Buffer.from(JSON.stringify(json)) };
}

/** Both messages in use have a number in field 1 and a text in field 2. */
function numberAndText(number: number, text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0x08]), varint(number), lengthDelimited(2, Buffer.from(text))]);
}

function lengthDelimited(field: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([field * 8 + 2]), varint(content.length), content]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Buffer.from(bytes);
  }
}
