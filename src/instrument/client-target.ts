/**
 * Where a request of `http.request` goes.
 *
 * Layer: instrument.
 */
import type { ClientRequest } from 'node:http';
import type { RequestTarget } from './client-exchange.ts';
import { parseHost } from './host.ts';
import { resolveMethod } from './http-method.ts';
import { redactTarget } from './url-redaction.ts';

/** Reads method, URL and address from a request that was just made. */
export function requestTarget(request: ClientRequest): RequestTarget {
  const common = { method: resolveMethod(request.method), userAgent: headerText(request, 'user-agent') };
  const absolute = ABSOLUTE_TARGET.exec(request.path);
  if (absolute !== null) {
    const [prefix, scheme = '', authority = ''] = absolute;
    const { host, port } = parseHost(authority, scheme.toLowerCase());
    const path = redactTarget(request.path.slice(prefix.length));
    return { ...common, scheme: scheme.toLowerCase(), address: host, port, path };
  }
  const scheme = request.protocol === 'https:' ? 'https' : 'http';
  return {
    ...common,
    scheme,
    address: request.host,
    port: directPort(request, scheme),
    path: redactTarget(request.path),
  };
}

/** The front of a request target as sent to a proxy (RFC 9112 §3.2.2). */
const ABSOLUTE_TARGET = /^(https?):\/\/(?:[^/?@]*@)?([^/?]+)/i;

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
