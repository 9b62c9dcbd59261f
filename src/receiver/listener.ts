/**
 * The HTTP side of the receiver: reads requests, applies faults, writes answers.
 *
 * Layer: receiver.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { accept } from './accept.ts';
import { errorAnswer, successAnswer, type Answer } from './answer.ts';
import { readBody } from './body.ts';
import type { Fault, FaultSwitches } from './fault.ts';
import { decodeMetrics, type Encoding } from './otlp-items.ts';
import type { ReceivedRequest } from './received.ts';
import { resolveRoute, type Route } from './route.ts';
import { storeToJson, type Store } from './store.ts';

export interface ListenerParts {
  readonly store: Store;
  readonly faults: FaultSwitches;
  /** Largest body, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Called after each arrival and each answer. */
  readonly onChange: () => void;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const DRIP_INTERVAL_MILLIS = 200;

/** Makes the request listener of the server. */
export function createListener(parts: ListenerParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] as string;
    if (request.method === 'POST') void receive(parts, path, request, response);
    else if (request.method === 'GET' && path === '/telemetry') {
      response.setHeader('content-type', 'application/json').end(storeToJson(parts.store));
    } else response.writeHead(resolveRoute(path) === undefined ? 404 : 405).end();
  };
}

async function receive(
  parts: ListenerParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, parts.maxBodyBytes);
  if (body === undefined) return;
  const route = resolveRoute(path);
  const record: Mutable<ReceivedRequest> = {
    signal: route?.signal ?? 'other',
    path: request.url ?? '',
    headers: joinHeaders(request),
    wireBytes: body.wireBytes,
    body: body.ok ? body.bytes : new Uint8Array(),
    receivedMillis: Date.now(),
    stored: 0,
  };
  parts.store.requests.add([record], record.body.length);
  parts.onChange();

  const encoding = resolveEncoding(route, request.headers['content-type']);
  const fault = route && parts.faults.take(route.signal);
  if (fault?.delayMillis !== undefined) await sleep(fault.delayMillis, undefined, { ref: false });
  let answer: Answer | undefined;
  if (route === undefined) answer = errorAnswer(404, 'json', 'no such path');
  else if (encoding === undefined) answer = errorAnswer(415, 'json', 'the content-type is neither protobuf nor JSON');
  else if (!body.ok) answer = errorAnswer(body.status, encoding, body.reason);
  else if (fault !== undefined && misbehave(fault, response)) answer = undefined;
  else answer = answerRequest(parts.store, { route, record, encoding, fault });
  if (answer !== undefined) writeAnswer(response, answer, fault);
  if (answer !== undefined) record.status = answer.status;
  parts.onChange();
}

interface Accepted {
  readonly route: Route;
  readonly record: Mutable<ReceivedRequest>;
  readonly encoding: Encoding;
  readonly fault: Fault | undefined;
}

function answerRequest(store: Store, { route, record, encoding, fault }: Accepted): Answer {
  const status = fault?.status ?? (fault?.retryAfterSeconds === undefined ? 200 : 503);
  if (status >= 300) return errorAnswer(status, encoding, 'a fault was asked for');
  const delta = fault?.refuseDeltas && route.signal === 'metrics' ? findDelta(record.body, encoding) : undefined;
  if (delta !== undefined) {
    return errorAnswer(
      400,
      encoding,
      `otlp parse error: invalid temporality and type combination for metric "${delta}"`,
    );
  }
  const acceptance = accept(store, route, record.body, encoding);
  record.stored = acceptance.stored;
  if (acceptance.answer.status !== 200 || fault === undefined) return acceptance.answer;
  if (fault.garbage) return { ...acceptance.answer, body: Buffer.from('\xff\xff<html>no telemetry here', 'latin1') };
  return { ...successAnswer(route.signal, encoding, fault.partialSuccess), status };
}

/** The name of a metric that counts from the last push. */
function findDelta(body: Uint8Array, encoding: Encoding): string | undefined {
  const decoded = decodeMetrics(body, encoding);
  return decoded.ok ? decoded.value.find(({ temporality }) => temporality === 'delta')?.name : undefined;
}

/** Faults without a complete answer. Returns whether there was one. */
function misbehave(fault: Fault, response: ServerResponse): boolean {
  if (fault.hang) return true;
  if (fault.reset) {
    response.socket?.resetAndDestroy();
    return true;
  }
  if (fault.resetMidBody) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{', () => response.socket?.resetAndDestroy());
    return true;
  }
  if (fault.drip) {
    response.writeHead(200, { 'content-type': 'application/json' }).write(' ');
    const timer = setInterval(() => response.write(' '), DRIP_INTERVAL_MILLIS).unref();
    response.on('close', () => clearInterval(timer));
    return true;
  }
  return false;
}

function writeAnswer(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const retryAfter = fault?.retryAfterSeconds;
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': answer.body.length,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...fault?.headers,
  });
  response.end(answer.body);
}

/** Sentry clients name no content type that matters; what is no OTLP media type is refused on OTLP paths. */
function resolveEncoding(route: Route | undefined, contentType: string | undefined): Encoding | undefined {
  if (route?.signal === 'envelopes') return 'json';
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/x-protobuf') return 'protobuf';
  return mediaType === 'application/json' ? 'json' : undefined;
}

function joinHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headersDistinct);
  return Object.fromEntries(entries.map(([name, values]) => [name, (values ?? []).join(', ')]));
}
