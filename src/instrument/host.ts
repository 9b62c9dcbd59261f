/**
 * Host and port out of `Host` headers, forwarding headers and origins, without URL objects.
 *
 * Layer: instrument. A program talks to few hosts, so results are kept, up to a bound.
 */

/** An address as `server.address` and `server.port` have it; IPv6 without brackets. */
export interface HostPort {
  readonly host: string;
  /** Undefined where neither the text nor the scheme tells. */
  readonly port: number | undefined;
}

/** Kept results per scheme; a client may send any `Host` header, so the memory for them is bounded. */
const MAX_KEPT = 256;
const kept = new Map<string, Map<string, HostPort>>();

/**
 * Splits `host[:port]` and keeps the result.
 *
 * @param scheme - `http` or `https` gives the default port; anything else gives none
 */
export function parseHost(text: string, scheme: string): HostPort {
  const known = kept.get(scheme)?.get(text);
  if (known !== undefined) return known;
  const { host, port } = splitHost(text);
  const parsed = { host, port: port ?? defaultPort(scheme) };
  let ofScheme = kept.get(scheme);
  if (ofScheme === undefined) {
    if (kept.size >= 8) return parsed;
    kept.set(scheme, (ofScheme = new Map()));
  }
  if (ofScheme.size >= MAX_KEPT) ofScheme.clear();
  ofScheme.set(text, parsed);
  return parsed;
}

/** Splits `host[:port]` without keeping the result, for addresses of clients: there are as many as clients. */
export function splitHost(text: string): HostPort {
  const closing = text.startsWith('[') ? text.indexOf(']') : -1;
  const colon = text.lastIndexOf(':');
  // Several colons without brackets are a bare IPv6 address.
  const hasPort = closing >= 0 ? colon > closing : colon > 0 && text.indexOf(':') === colon;
  const host = hasPort ? text.slice(0, colon) : text;
  return { host: withoutBrackets(host), port: hasPort ? parsePort(text.slice(colon + 1)) : undefined };
}

/** The port a scheme implies, or undefined. */
export function defaultPort(scheme: string): number | undefined {
  if (scheme === 'http') return 80;
  return scheme === 'https' ? 443 : undefined;
}

function parsePort(digits: string): number | undefined {
  return /^\d{1,5}$/.test(digits) ? Number(digits) : undefined;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
