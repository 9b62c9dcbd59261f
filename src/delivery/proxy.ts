/**
 * Ways through an HTTP proxy: the target in the request line for http, a tunnel (CONNECT) for https.
 *
 * Node.js has an agent option for this, but not in 22.15. The credential of the proxy goes to the proxy alone.
 * Source: RFC 9110 §9.3.6 and §11.7, RFC 9112 §3.2.2.
 * Layer: delivery. Loaded with the first request.
 */
import type { RequestOptions } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { unrefSocket } from './unref-socket.ts';

/** A proxy and how its host is looked up. */
export interface ProxyRoute {
  /** `http://` address, perhaps with a credential: never print. */
  readonly proxy: string;
  readonly lookup: LookupFunction | undefined;
}

/** Where the proxy listens, and the header it wants. */
export function proxyOptions(proxy: string): {
  readonly host: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { hostname, port, username, password } = new URL(proxy);
  const credential = `${decode(username)}:${decode(password)}`;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || 80,
    headers: credential === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credential).toString('base64')}` },
  };
}

/** The request line and headers for an http target behind a proxy. */
export function absoluteForm(
  url: string,
  proxy: string,
): Pick<RequestOptions, 'host' | 'port' | 'path' | 'auth'> & {
  readonly headers: Readonly<Record<string, string>>;
} {
  const target = new URL(url);
  const { host, port, headers } = proxyOptions(proxy);
  const auth = target.username === '' ? {} : { auth: `${decode(target.username)}:${decode(target.password)}` };
  const path = `${target.origin}${target.pathname}${target.search}`;
  return { host, port, path, headers: { ...headers, host: target.host }, ...auth };
}

/** Makes an agent open its connections through tunnels; destroying it ends those that are being opened. */
export function throughTunnel(agent: HttpsAgent, route: ProxyRoute): HttpsAgent {
  const opening = new Set<AbortController>();
  const connect = agent.createConnection.bind(agent);
  const destroy = agent.destroy.bind(agent);
  agent.createConnection = (options, callback) => {
    const abort = new AbortController();
    opening.add(abort);
    const open = async (): Promise<Duplex> => {
      try {
        const socket = await openTunnel(`${options.host}:${options.port}`, route, abort.signal);
        // Over a given socket the host is for the certificate only.
        return connect({ ...options, socket } as typeof options) as Duplex;
      } finally {
        opening.delete(abort);
      }
    };
    callbackify(open)((cause, socket) => callback?.(cause, socket));
    return undefined;
  };
  agent.destroy = () => {
    for (const abort of opening) abort.abort();
    destroy();
  };
  return agent;
}

/** A socket that leads to `authority`; rejects with {@link proxyFailure}. */
function openTunnel(authority: string, { proxy, lookup }: ProxyRoute, signal: AbortSignal): Promise<Duplex> {
  const { request } = process.getBuiltinModule('node:http');
  const { host, port, headers } = proxyOptions(proxy);
  const options: RequestOptions = { host, port, method: 'CONNECT', path: authority, agent: false, signal };
  if (lookup !== undefined) options.lookup = lookup;
  return new Promise((resolve, reject) => {
    const asked = context.with(suppressTracing(ROOT_CONTEXT), () =>
      request({ ...options, headers: { ...headers, host: authority } }),
    );
    const fail = (cause: Error): void => reject(proxyFailure(cause));
    asked.on('socket', unrefSocket);
    asked.on('error', fail);
    asked.on('close', () => fail(new Error('connection closed without an answer')));
    asked.on('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(proxyRefusal(statusCode));
    });
    asked.end();
  });
}

/** An answer that is the proxy's own; its words are left out, for they may repeat the credential. */
export function proxyRefusal(statusCode: number): Error {
  const title = process.getBuiltinModule('node:http').STATUS_CODES[statusCode] ?? '';
  return Object.assign(new Error(`the proxy answered ${statusCode} ${title}`.trim()), { code: `PROXY_${statusCode}` });
}

/** A failure between here and the proxy, told apart from one of the destination. */
export function proxyFailure(cause: Error): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  return Object.assign(new Error(`proxy: ${message || (code ?? 'failed')}`, { cause }), {
    code: `PROXY_${code ?? 'FAILED'}`,
  });
}

/** Whether an error is about reaching the peer, before anything was said. */
export function isUnreachable(cause: unknown): cause is NodeJS.ErrnoException {
  const { syscall } = cause as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
