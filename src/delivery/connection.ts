/**
 * One HTTP/1.1 exchange with one address: certificates, compression, request, bounded answer.
 *
 * Everything it opens is unref'd and untraced; redirects are not followed, so credentials go nowhere else.
 * Layer: delivery. Used by `transport.ts`, which adds the deadline.
 */
import { readFile } from 'node:fs/promises';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { OtlpDestination } from '../config/config.ts';
import { describeCause } from '../core/guard.ts';
import { VERSION } from '../core/version.ts';

/** What a connection needs to know of a destination. */
export type ConnectionSettings = Pick<OtlpDestination, 'url' | 'headers' | 'compression' | 'tls'>;

/** Longest part of an answer that is read, in bytes. */
export const MAX_BODY_BYTES = 65_536;

/** An answer that arrived whole, or whose body was cut at {@link MAX_BODY_BYTES}. */
export interface Answer {
  readonly status: 'answered';
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** One body to send. */
export interface Parcel {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Ends the exchange and destroys its socket. */
  readonly signal: AbortSignal;
}

export interface Connection {
  /** Sends one body; rejects with the cause if no whole answer arrives. */
  exchange(parcel: Parcel): Promise<Answer>;
  close(): void;
}

/** Headers about the connection or the body: ours to set. */
const RESERVED_HEADERS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
]);

/** Makes a connection; nothing is opened or read before the first exchange. */
export function createConnection(settings: ConnectionSettings): Connection {
  let agent: Promise<Agent> | undefined;
  const forgetAgent = (): void => {
    agent?.then(
      (open) => open.destroy(),
      () => undefined,
    );
    agent = undefined;
  };

  const exchange = async ({ body, contentType, signal }: Parcel): Promise<Answer> => {
    const payload = settings.compression === 'gzip' ? await compress(body) : body;
    try {
      const send = sender(settings, { payload, contentType, signal, agent: await (agent ??= openAgent(settings)) });
      return await send().catch((cause: unknown) =>
        cause instanceof StaleConnection ? send() : Promise.reject(cause),
      );
    } catch (cause) {
      // Certificates may be renewed or put right while the process runs: the next agent reads them again.
      if (isSecure(settings)) forgetAgent();
      throw cause;
    }
  };
  return { exchange, close: forgetAgent };
}

interface PreparedRequest {
  readonly payload: Uint8Array;
  readonly contentType: string;
  readonly signal: AbortSignal;
  readonly agent: Agent;
}

/** Headers of every request to a destination; what depends on its body is not among them. */
export function requestHeaders(
  { headers }: Pick<ConnectionSettings, 'headers'>,
  contentType: string,
): Record<string, string> {
  return {
    'user-agent': `duotel/${VERSION}`,
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => !RESERVED_HEADERS.has(name))),
    'content-type': contentType,
  };
}

/** The request as a function, for it may have to be sent a second time. */
function sender(
  settings: ConnectionSettings,
  { payload, contentType, signal, agent }: PreparedRequest,
): () => Promise<Answer> {
  const headers = {
    ...requestHeaders(settings, contentType),
    'content-length': payload.length,
    ...(settings.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
  const { request } = process.getBuiltinModule(isSecure(settings) ? 'node:https' : 'node:http');
  // The root context: the socket outlives the request, and must not hold on to what the application had active.
  const untraced = suppressTracing(ROOT_CONTEXT);
  return async () => {
    signal.throwIfAborted();
    const sent = context.with(untraced, () => request(settings.url, { method: 'POST', headers, agent, signal }));
    const answer = receiveAnswer(sent);
    sent.end(payload);
    return answer;
  };
}

/** Resolves with the whole answer to `request`, its body cut at the limit. */
function receiveAnswer(request: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const fail = (cause: Error): void => {
      // Once an answer has begun, its own end tells whether it is whole: the server may stop reading early.
      if (!answered) reject(request.reusedSocket ? new StaleConnection('', { cause }) : cause);
    };
    request.on('socket', unrefSocket);
    request.on('error', fail);
    request.on('close', () => answered || fail(new Error('connection closed without an answer')));
    request.on('response', (response) => {
      answered = true;
      readBody(response).then(
        (body) =>
          resolve({ status: 'answered', statusCode: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
  });
}

function readBody(response: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (): void => resolve(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes < MAX_BODY_BYTES) return;
      finish();
      response.destroy();
    });
    response.on('end', finish);
    response.on('error', reject);
    response.on('close', () => reject(new Error('answer cut off')));
  });
}

/** A server may close an idle kept-alive connection in the moment it is used again; that says nothing about the server. */
class StaleConnection extends Error {}

/** A socket that tries several addresses makes a new handle for each, so it is unref'd more than once. */
function unrefSocket(socket: Socket): void {
  const unref = (): void => void socket.unref();
  unref();
  if (!socket.connecting) return;
  socket.on('connectionAttempt', unref);
  socket.once('connect', unref);
}

function compress(body: Uint8Array): Promise<Uint8Array> {
  return promisify(process.getBuiltinModule('node:zlib').gzip)(body);
}

function isSecure(settings: ConnectionSettings): boolean {
  return settings.url.startsWith('https:');
}

async function openAgent(settings: ConnectionSettings): Promise<Agent> {
  const options: AgentOptions = { keepAlive: true, maxSockets: 1 };
  if (!isSecure(settings)) return new (process.getBuiltinModule('node:http').Agent)(options);
  const { caFile, certFile, keyFile } = settings.tls;
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(readPem));
  return new (process.getBuiltinModule('node:https').Agent)({
    ...options,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path);
  } catch (cause) {
    throw Object.assign(new Error(describeCause(cause)), { code: 'TLS_FILE' });
  }
}
