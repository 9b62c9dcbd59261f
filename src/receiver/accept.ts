/**
 * One telemetry request from body to stored items and answer, apart from HTTP.
 *
 * Layer: receiver.
 */
import { errorAnswer, successAnswer, type Answer } from './answer.ts';
import type { BoundedList } from './bounded-list.ts';
import { decodeEnvelope } from './envelope.ts';
import type { Decoded } from './message.ts';
import { decodeLogs, decodeMetrics, decodeSpans, type Encoding } from './otlp-items.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';

/** How many items were stored, and what to answer. */
export interface Acceptance {
  readonly stored: number;
  readonly answer: Answer;
}

/** Decodes a body and stores its items; a malformed one is answered with 400. */
export function accept(store: Store, route: Route, body: Uint8Array, encoding: Encoding): Acceptance {
  const stored = storeItems(store, route, body, encoding);
  return stored.ok
    ? { stored: stored.value, answer: successAnswer(route.signal, encoding) }
    : { stored: 0, answer: errorAnswer(400, encoding, stored.reason) };
}

function storeItems(store: Store, route: Route, body: Uint8Array, encoding: Encoding): Decoded<number> {
  switch (route.signal) {
    case 'traces':
      return keep(store.spans, decodeSpans(body, encoding), body.length);
    case 'sentrySpans':
      return keep(store.sentrySpans, decodeSpans(body, encoding), body.length);
    case 'logs':
      return keep(store.logs, decodeLogs(body, encoding), body.length);
    case 'metrics':
      return keep(store.metrics, decodeMetrics(body, encoding), body.length);
    default:
      return keep(store.envelopes, decodeEnvelope(body, route.project), body.length);
  }
}

function keep<T>(list: BoundedList<T>, decoded: Decoded<T[]>, bytes: number): Decoded<number> {
  if (!decoded.ok) return decoded;
  list.add(decoded.value, bytes);
  return { ok: true, value: decoded.value.length };
}
