/**
 * What is known about an incoming request when it starts.
 *
 * Complete at the start of the span, because samplers and foreign processors look only then.
 * Layer: instrument. Source: semantic conventions for HTTP server spans.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Attributes } from '@opentelemetry/api';
import { parseHost, splitHost, type HostPort } from './host.ts';
import type { MethodNames } from './http-method.ts';
import { redactQuery } from './url-redaction.ts';

/** `url.scheme` of a connection. A proxy in front that speaks TLS does not count, as in instrumentation-http. */
export function requestScheme(request: IncomingMessage): 'http' | 'https' {
  return (request.socket as { encrypted?: boolean } | undefined)?.encrypted === true ? 'https' : 'http';
}

/** `network.protocol.version`: HTTP/2 has no minor version. */
export function protocolVersion({ httpVersion }: IncomingMessage): string {
  return httpVersion === '2.0' ? '2' : httpVersion;
}

/** Attributes of the span of `request`. */
export function serverAttributes(request: IncomingMessage, method: MethodNames, scheme: string): Attributes {
  const { headers } = request;
  // Adapters of serverless platforms make requests without one.
  const socket = request.socket as Socket | undefined;
  const attributes: Attributes = {
    'http.request.method': method.method,
    'url.scheme': scheme,
    'network.protocol.version': protocolVersion(request),
  };
  addTarget(attributes, request.url ?? '/');
  const server = serverAddress(request, scheme);
  if (server !== undefined) {
    attributes['server.address'] = server.host;
    if (server.port !== undefined) attributes['server.port'] = server.port;
  }
  const peer = socket?.remoteAddress;
  if (peer !== undefined) {
    attributes['network.peer.address'] = peer;
    attributes['network.peer.port'] = socket?.remotePort;
  }
  const client = clientAddress(request) ?? peer;
  if (client !== undefined) attributes['client.address'] = client;
  if (headers['user-agent'] !== undefined) attributes['user_agent.original'] = headers['user-agent'];
  if (method.original !== undefined) attributes['http.request.method_original'] = method.original;
  return attributes;
}

/** Splits the request target; proxies are sent absolute ones, whose scheme and host are no part of the path. */
function addTarget(attributes: Attributes, target: string): void {
  const start = target.startsWith('/') ? 0 : pathStart(target);
  const question = target.indexOf('?', start);
  attributes['url.path'] = (question < 0 ? target.slice(start) : target.slice(start, question)) || '/';
  if (question >= 0 && question < target.length - 1) {
    attributes['url.query'] = redactQuery(target.slice(question + 1));
  }
}

function pathStart(target: string): number {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target)?.[0].length ?? 0;
}

/** The address the client asked for: what a proxy says it was, or the Host header, in HTTP/2 the authority. */
function serverAddress({ headers }: IncomingMessage, scheme: string): HostPort | undefined {
  if (headers.forwarded !== undefined) {
    const host = forwardedValue(headers.forwarded, FORWARDED_HOST);
    if (host !== undefined) return parseHost(host, forwardedValue(headers.forwarded, FORWARDED_PROTO) ?? '');
  }
  const forwardedHost = firstOf(headers['x-forwarded-host']);
  if (forwardedHost !== undefined) return parseHost(forwardedHost, firstOf(headers['x-forwarded-proto']) ?? '');
  const host = headers.host ?? firstOf(headers[':authority']);
  return host === undefined || host === '' ? undefined : parseHost(host, scheme);
}

/** The client as the outermost proxy names it. */
function clientAddress({ headers }: IncomingMessage): string | undefined {
  if (headers.forwarded !== undefined) {
    const client = forwardedValue(headers.forwarded, FORWARDED_FOR);
    if (client !== undefined) return splitHost(client).host;
  }
  const client = firstOf(headers['x-forwarded-for']);
  return client === undefined ? undefined : splitHost(client).host;
}

const FORWARDED_HOST = forwardedPattern('host');
const FORWARDED_PROTO = forwardedPattern('proto');
const FORWARDED_FOR = forwardedPattern('for');

/** A parameter of a `Forwarded` header (RFC 7239 §4), quoted or not; the first proxy's comes first. */
function forwardedPattern(name: string): RegExp {
  return new RegExp(`(?:^|[;,])\\s*${name}=(?:"([^"]+)"|([^";,\\s]+))`, 'i');
}

function forwardedValue(header: string, pattern: RegExp): string | undefined {
  const match = pattern.exec(header);
  return match?.[1] ?? match?.[2];
}

/** First element of a header that may be repeated or a comma list. */
function firstOf(header: string | string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.[0];
  if (text === undefined) return undefined;
  const comma = text.indexOf(',');
  const first = (comma < 0 ? text : text.slice(0, comma)).trim();
  return first === '' ? undefined : first;
}
