/**
 * Settles the HTTP proxy of a destination from the variables that curl and most tools read.
 *
 * As in curl: the scheme of the destination picks the variable, lower case wins, and no host is direct unless
 * `NO_PROXY` says so, `localhost` included.
 * Layer: config.
 */
import { isListedHost } from './host-list.ts';
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

/** Whether a list like `NO_PROXY` names the host of a URL. */
export function isDirect(url: URL, exceptions: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return isListedHost({ host: url.hostname, port }, exceptions);
}
