/**
 * One HTTP/1.1 exchange with one address: certificates, compression, request, bounded answer.
 *
 * Everything it opens is unref'd and untraced; redirects are not followed, so credentials go nowhere else.
 * Layer: delivery. Used by `transport.ts`, which adds the deadline.
 */
import { readFile } from 'node:fs/promises';
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AgentOptions } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { OtlpDestination } from '../config/config.ts';
import { describeCause } from '../core/guard.ts';
import { once } from '../core/once.ts';
import { VERSION } from '../core/version.ts';
import { addressesOf, type HostAddresses } from './address.ts';
import { Compressor } from './compressor.ts';
import { absoluteForm, isUnreachable, proxyFailure, proxyRefusal, throughTunnel } from './proxy.ts';
import { unrefSocket } from './unref-socket.ts';

/** What a connection needs to know of a destination. */
export type ConnectionSettings = Pick<OtlpDestination, 'url' | 'headers' | 'compression' | 'tls' | 'proxy'>;

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

/** Makes a connection; nothing but the address is looked up before the first exchange. */
export function createConnection(settings: ConnectionSettings): Connection {
  const addresses = addressesOf(settings.proxy ?? settings.url);
  void addresses?.prepare();
  const opener = once(() => createOpener(settings));
  const compressor = new Compressor();
  let agent: Promise<Agent> | undefined;
  const forgetAgent = (): void => {
    agent?.then(
      (open) => open.destroy(),
      () => undefined,
    );
    agent = undefined;
  };

  const exchange = async ({ body, contentType, signal }: Parcel): Promise<Answer> => {
    const payload = settings.compression === 'gzip' ? await compressor.compress(body) : body;
    // A request that waits for its tunnel does not hear of the end; the agent that opens it does.
    if (isTunnelled(settings)) signal.addEventListener('abort', forgetAgent, { once: true });
    try {
      const opened = await (agent ??= openAgent(settings, addresses));
      const send = sender(settings, { payload, contentType, signal, agent: opened, addresses, open: opener.get() });
      return await send().catch((cause: unknown) =>
        cause instanceof StaleConnection ? send() : Promise.reject(cause),
      );
    } catch (cause) {
      // Certificates may be renewed or put right while the process runs: the next agent reads them again.
      if (isSecure(settings)) forgetAgent();
      const isProxyMissing = settings.proxy !== undefined && !isSecure(settings) && isUnreachable(cause);
      throw isProxyMissing ? proxyFailure(cause) : cause;
    }
  };
  return { exchange, close: forgetAgent };
}

interface PreparedRequest {
  readonly payload: Uint8Array;
  readonly contentType: string;
  readonly signal: AbortSignal;
  readonly agent: Agent;
  readonly addresses: HostAddresses | undefined;
  readonly open: Opener;
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

/** Opens a request to where a destination is asked; what is the same for all of them is settled once. */
type Opener = (agent: Agent, headers: Readonly<Record<string, string | number>>) => ClientRequest;

function createOpener(settings: ConnectionSettings): Opener {
  const { request } = process.getBuiltinModule(isSecure(settings) ? 'node:https' : 'node:http');
  if (settings.proxy === undefined || isSecure(settings)) {
    const target = urlToHttpOptions(new URL(settings.url));
    return (agent, headers) => request({ ...target, method: 'POST', agent, headers });
  }
  const { headers: own, ...target } = absoluteForm(settings.url, settings.proxy);
  return (agent, headers) => request({ ...target, method: 'POST', agent, headers: { ...headers, ...own } });
}

/** The request as a function, for it may have to be sent a second time. */
function sender(
  settings: ConnectionSettings,
  { payload, contentType, signal, agent, addresses, open }: PreparedRequest,
): () => Promise<Answer> {
  const headers = {
    ...requestHeaders(settings, contentType),
    'content-length': payload.length,
    ...(settings.compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  };
  // The root context: the socket outlives the request, and must not hold on to what the application had active.
  const untraced = suppressTracing(ROOT_CONTEXT);
  return async () => {
    signal.throwIfAborted();
    const sent = context.with(untraced, () => open(agent, headers));
    // Not the option `signal`: Node watches the ends of both streams for it, which costs as much as the rest.
    signal.addEventListener('abort', () => sent.destroy(), { once: true });
    if (!isTunnelled(settings)) sent.on('socket', (socket) => noteAddress(socket, addresses));
    const answer = receiveAnswer(sent);
    sent.end(payload);
    return settings.proxy === undefined ? answer : answer.then(refuseProxyAnswer);
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

function isSecure(settings: ConnectionSettings): boolean {
  return settings.url.startsWith('https:');
}

/** Between here and an https target stands a proxy. */
function isTunnelled(settings: ConnectionSettings): boolean {
  return settings.proxy !== undefined && isSecure(settings);
}

/** 407 can only come from the proxy. */
function refuseProxyAnswer(answer: Answer): Answer {
  if (answer.statusCode === 407) throw proxyRefusal(407);
  return answer;
}

function noteAddress(socket: Socket, addresses: HostAddresses | undefined): void {
  if (addresses === undefined) return;
  if (socket.connecting) socket.once('connect', () => addresses.connected(socket));
  else addresses.connected(socket);
}

async function openAgent(settings: ConnectionSettings, addresses: HostAddresses | undefined): Promise<Agent> {
  const lookup: { lookup?: LookupFunction } = addresses === undefined ? {} : { lookup: addresses.lookup };
  const options: AgentOptions = { keepAlive: true, maxSockets: 1, ...lookup };
  if (!isSecure(settings)) return new (process.getBuiltinModule('node:http').Agent)(options);
  const { caFile, certFile, keyFile } = settings.tls;
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(readPem));
  const agent = new (process.getBuiltinModule('node:https').Agent)({
    ...options,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  if (settings.proxy === undefined) return agent;
  return throughTunnel(agent, { proxy: settings.proxy, lookup: addresses?.lookup });
}

async function readPem(path: string | undefined): Promise<Buffer | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path);
  } catch (cause) {
    throw Object.assign(new Error(describeCause(cause)), { code: 'TLS_FILE' });
  }
}
