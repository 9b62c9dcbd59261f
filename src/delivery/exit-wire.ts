/**
 * What the exit worker has to know of a request: where to connect, and the bytes to write.
 *
 * Everything that needs thought happens here, on the thread that exits; the worker, whose program is a text, only moves
 * bytes. The ways through a proxy are those of `proxy.ts`.
 * Layer: delivery. Source: RFC 9112 §3.2, RFC 9110 §9.3.6.
 */
import type { TlsFiles } from '../config/config.ts';
import type { ExitRequest } from './exit-request.ts';
import { absoluteForm, proxyOptions } from './proxy.ts';

/** A request as the worker gets it; can be cloned. */
export interface WireRequest {
  /** The destination, or its proxy. */
  readonly host: string;
  readonly port: number;
  /** Whether `host` is a proxy. */
  readonly isProxied: boolean;
  /** Request to the proxy for a tunnel, when the destination lies behind one. */
  readonly tunnel: string | undefined;
  /** For https: the host its certificate is checked against, and the files. */
  readonly tls: (TlsFiles & { readonly host: string }) | undefined;
  /** Request line and headers. */
  readonly head: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly timeoutMillis: number;
}

/** @throws TypeError when the URL or the proxy cannot be read */
export function toWireRequest(request: ExitRequest): WireRequest {
  const { proxy, tls, timeoutMillis, address } = request;
  const url = new URL(request.url);
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const peer = proxy === undefined ? { host, port } : proxyOptions(proxy);
  return {
    host: address ?? peer.host,
    port: peer.port,
    isProxied: proxy !== undefined,
    tunnel: proxy !== undefined && isSecure ? tunnelHead(`${url.hostname}:${port}`, proxy) : undefined,
    tls: isSecure ? { ...tls, host } : undefined,
    head: proxy === undefined || isSecure ? directHead(url, request) : forwardedHead(proxy, request),
    // A copy, because it is handed over: the memory behind a view may hold other things.
    body: new Uint8Array(request.body),
    timeoutMillis,
  };
}

function directHead(url: URL, request: ExitRequest): string {
  return postHead(`${url.pathname}${url.search}`, { host: url.host, ...authorization(url) }, request);
}

function forwardedHead(proxy: string, request: ExitRequest): string {
  const { path, headers } = absoluteForm(request.url, proxy);
  return postHead(path ?? '/', { ...headers, ...authorization(new URL(request.url)) }, request);
}

function postHead(target: string, own: Readonly<Record<string, string>>, { headers, body }: ExitRequest): string {
  return head(`POST ${target}`, { ...own, ...headers, connection: 'close', 'content-length': String(body.length) });
}

function tunnelHead(authority: string, proxy: string): string {
  return head(`CONNECT ${authority}`, { host: authority, ...proxyOptions(proxy).headers });
}

/** A credential in the URL; a configured header wins. */
function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const credential = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credential).toString('base64')}` };
}

function head(start: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, '')}`);
  return [`${start} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
