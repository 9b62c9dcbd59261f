/**
 * Settles the HTTP proxy of a destination from the variables that curl and most tools read.
 *
 * As in curl: the scheme of the destination picks the variable, lower case wins, and no host is direct unless
 * `NO_PROXY` says so, `localhost` included.
 * Layer: config.
 */
import type { Reader } from './reader.ts';
import { PROXY } from './variables/otlp.ts';

/** Settles proxies by destination. */
export type ProxyResolver = (url: URL) => string | undefined;

/** Reads each variable once; the resolver gives `undefined` for what is reached directly. */
export function createProxyResolver(reader: Reader): ProxyResolver {
  const [httpsLower, httpsUpper, httpLower, httpUpper] = [
    reader.given(PROXY.httpsLower),
    reader.given(PROXY.https),
    reader.given(PROXY.httpLower),
    reader.given(PROXY.http),
  ];
  const exceptions = reader.given(PROXY.exceptLower) ?? reader.given(PROXY.except) ?? '';
  return (url) => {
    const proxy = url.protocol === 'https:' ? (httpsLower ?? httpsUpper) : (httpLower ?? httpUpper);
    return proxy === undefined || isDirect(url, exceptions) ? undefined : proxy;
  };
}

/**
 * Whether a list like `NO_PROXY` names the host of a URL.
 *
 * Entries are separated by commas or blanks: `*`, or a host or domain in any case that holds for what is below it too,
 * with or without a leading `.` or `*.`, and with a port or for all ports. IP addresses are compared as text.
 */
export function isDirect(url: URL, exceptions: string): boolean {
  const host = url.hostname.replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return exceptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || names(entry, host, port));
}

function names(entry: string, host: string, port: string): boolean {
  const isBareIpv6 = !entry.startsWith('[') && entry.split(':').length > 2;
  const [, written = '', ownPort = port] = /^(.*?)(?::(\d+))?$/.exec(isBareIpv6 ? `[${entry}]` : entry) ?? [];
  const name = written.replace(/^\*?\./, '').replace(/\.$/, '');
  return name !== '' && ownPort === port && (host === name || host.endsWith(`.${name}`));
}
