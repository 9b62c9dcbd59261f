/**
 * Where an outgoing request goes, out of what clients know of it.
 *
 * Layer: instrument.
 */
import type { ClientRequest } from 'node:http';
import type { RequestTarget } from './client-exchange.ts';
import { parseHost } from './host.ts';
import { resolveMethod } from './http-method.ts';
import { redactTarget } from './url-redaction.ts';

/** Reads method, URL and address from a request of `http.request` that was just made. */
export function requestTarget(request: ClientRequest): RequestTarget {
  const scheme = request.protocol === 'https:' ? 'https' : 'http';
  return {
    method: resolveMethod(request.method),
    userAgent: headerText(request, 'user-agent'),
    ...resolvePlace(request.path, { scheme, address: request.host, port: directPort(request, scheme) }),
  };
}

/** The part of a target that its URL consists of. */
export type Place = Pick<RequestTarget, 'scheme' | 'address' | 'port' | 'path'>;

/** The front of a request target as sent to a proxy (RFC 9112 §3.2.2). */
const ABSOLUTE_TARGET = /^(https?):\/\/(?:[^/?@]*@)?([^/?]+)/i;

/**
 * The place a request target stands for: on the server the client connects to, or, through a proxy, the one it names.
 *
 * @param target - as on the request line: a path, an absolute URL, `*`, or the `host:port` of CONNECT
 */
export function resolvePlace(target: string, server: Omit<Place, 'path'>): Place {
  if (target.startsWith('/')) {
    const { scheme, address, port } = server;
    return { scheme, address, port, path: redactTarget(target) };
  }
  const absolute = ABSOLUTE_TARGET.exec(target);
  if (absolute === null) return { ...server, path: target === '*' ? '/*' : '' };
  const [front, named = '', authority = ''] = absolute;
  const scheme = named.toLowerCase();
  const { host, port } = parseHost(authority, scheme);
  return { scheme, address: host, port, path: redactTarget(target.slice(front.length)) };
}

/**
 * A request keeps no port, so it is read from the Host header that Node wrote. A Host header of the application's own
 * names something else; then the connection has to tell.
 */
function directPort(request: ClientRequest, scheme: string): number | undefined {
  const written = headerText(request, 'host');
  if (written === undefined) return undefined;
  const { host, port } = parseHost(written, scheme);
  return host === request.host ? port : undefined;
}

function headerText(request: ClientRequest, name: string): string | undefined {
  const value = request.getHeader(name);
  return typeof value === 'string' ? value : undefined;
}
