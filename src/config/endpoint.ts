/**
 * Reads an OTLP endpoint: repairs what can only be a slip, names what looks wrong, and builds the address of a signal.
 *
 * Upstream turns an address it cannot read into localhost in silence; people then search for their data for hours.
 * Source: OTLP exporter specification, "Endpoint URLs for OTLP/HTTP".
 * Layer: config.
 */
import { writeBasic } from './authorization.ts';
import { decodePercent } from './percent.ts';
import type { SignalName } from './variables/otlp.ts';

/** What became of the text of an endpoint. */
export interface EndpointReading {
  /** `undefined` when the text is no address. The signal path is not part of a general endpoint. */
  readonly url: URL | undefined;
  /** Credentials that stood in the address (`https://user:password@host`), as value of `Authorization`. */
  readonly authorization: string | undefined;
  /** What was put right, as phrases. */
  readonly repairs: readonly string[];
  /** What looks wrong but was left alone, as sentences. */
  readonly mistakes: readonly string[];
}

const SIGNAL_PATH = /\/v1\/(traces|metrics|logs)\/*$/;
const GRAFANA_HOST = /(^|\.)grafana\.(net|com)$/i;
const GATEWAY = /^otlp-gateway-[\w-]+\.grafana\.net$/i;

/** Whether a host is an OTLP gateway of Grafana Cloud. */
export function isGrafanaGateway(hostname: string): boolean {
  return GATEWAY.test(hostname);
}

/** Paths of OTLP in Prometheus, VictoriaMetrics, and Mimir. */
const PROMETHEUS_PATH = /^\/api\/v1\/otlp\/|\/opentelemetry\/(v1\/metrics|api\/v1\/push)$|^\/otlp\/v1\/metrics$/;

/** Whether what takes metrics at this address, Grafana Cloud among others, knows totals only. */
export function isPrometheusFamily({ hostname, pathname }: URL): boolean {
  return GRAFANA_HOST.test(hostname) || PROMETHEUS_PATH.test(pathname);
}

/**
 * Reads the text of an endpoint variable.
 *
 * @param signal - the signal of a per-signal variable; `undefined` for the general one, whose path is a base
 */
export function parseEndpoint(text: string, signal?: SignalName): EndpointReading {
  const repairs: string[] = [];
  const mistakes: string[] = [];
  const address = repairScheme(repairBlanks(text, repairs), repairs);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    return { url: undefined, authorization: undefined, repairs, mistakes };
  }
  const authorization = takeCredentials(url, repairs);
  if (isGrafanaGateway(url.hostname)) repairGateway(url, repairs);
  else findWrongHost(url, mistakes);
  if (signal === undefined) repairBase(url, repairs);
  else repairSignalPath(url, signal, repairs, mistakes);
  url.hash = '';
  return { url, authorization, repairs, mistakes };
}

/** Address of a signal under a general endpoint. */
export function signalUrl(base: URL, signal: SignalName): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url;
}

function repairBlanks(text: string, repairs: string[]): string {
  const bare = text.replaceAll(/\s+|\\[nr]$/g, '').replace(/[,;]+$/, '');
  if (bare !== text) repairs.push('left out blanks and trailing separators');
  return bare;
}

function repairScheme(text: string, repairs: string[]): string {
  const doubled = /^(?:https?:\/{0,2})+(https?:\/\/.*)$/i.exec(text);
  if (doubled?.[1] !== undefined) {
    repairs.push('left out a second scheme');
    return doubled[1];
  }
  const slip = /^(https?):\/?(?=[^/])(.*)$/i.exec(text);
  if (slip !== null) {
    repairs.push('put // after the scheme');
    return `${slip[1]}://${slip[2]}`;
  }
  const grpc = /^grpc(s?):\/\/(.*)$/i.exec(text);
  if (grpc !== null) {
    repairs.push(`read grpc${grpc[1]}:// as http${grpc[1]}://`);
    return `http${grpc[1]}://${grpc[2]}`;
  }
  if (/^[a-z][\w+.-]*:\/\//i.test(text)) return text;
  const bare = text.replace(/^\/\//, '');
  // A single word is no address: it may be anything, e.g. "true".
  if (!/^(localhost$|[\w-]*[.:@[/][^\s]*$)/i.test(bare)) return text;
  const scheme = isPlainHost(bare) ? 'http' : 'https';
  repairs.push(`put ${scheme}:// in front`);
  return `${scheme}://${bare}`;
}

/**
 * Whether an address without scheme means plain HTTP: the standard port, this machine, a bare or an internal name.
 *
 * Everything else gets TLS, because the request may carry a credential.
 */
function isPlainHost(address: string): boolean {
  const match = /^(?:[^/?#]*@)?(\[[\da-f:.]+\]|[^/:?#]+)(?::(\d+))?/i.exec(address);
  if (match === null) return false;
  const [, host = '', port] = match;
  return (
    port === '4318' ||
    port === '4317' ||
    !host.includes('.') ||
    host.startsWith('[') ||
    /^\d+\.\d+\.\d+\.\d+$/.test(host) ||
    /\.(local|localhost|internal|svc|lan|test)$/i.test(host)
  );
}

function takeCredentials(url: URL, repairs: string[]): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = { user: decodePercent(url.username).text, password: decodePercent(url.password).text };
  url.username = '';
  url.password = '';
  repairs.push('moved the credentials into the Authorization header');
  return writeBasic(credentials);
}

/** The gateway speaks HTTPS on its standard port, under /otlp. */
function repairGateway(url: URL, repairs: string[]): void {
  if (url.protocol === 'http:' || url.port !== '') {
    url.protocol = 'https:';
    url.port = '';
    repairs.push('the gateway of Grafana Cloud is reached by https on its standard port');
  }
  if (/^\/otlp(\/|$)/.test(url.pathname)) return;
  url.pathname = `/otlp${url.pathname === '/' ? '' : url.pathname}`;
  repairs.push('put /otlp in front of the path');
}

function repairBase(url: URL, repairs: string[]): void {
  let path = url.pathname;
  while (SIGNAL_PATH.test(path)) path = path.replace(SIGNAL_PATH, '');
  if (path === url.pathname) return;
  repairs.push(`left out the signal path ${SIGNAL_PATH.exec(url.pathname)?.[0] ?? ''}, which is appended per signal`);
  url.pathname = path;
}

function repairSignalPath(url: URL, signal: SignalName, repairs: string[], mistakes: string[]): void {
  const doubled = /(\/v1\/(?:traces|metrics|logs))(?:\/v1\/(?:traces|metrics|logs))+\/*$/.exec(url.pathname);
  if (doubled !== null) {
    url.pathname = `${url.pathname.slice(0, doubled.index)}/v1/${signal}`;
    repairs.push('left out the doubled signal path');
    return;
  }
  if (isGrafanaGateway(url.hostname) && /^\/otlp\/?$/.test(url.pathname)) {
    url.pathname = `/otlp/v1/${signal}`;
    repairs.push(`appended /v1/${signal}`);
    return;
  }
  const path = SIGNAL_PATH.exec(url.pathname)?.[1];
  if (path !== undefined && path !== signal) {
    mistakes.push(`It ends in the path of ${path}; ${signal} are expected at /v1/${signal}.`);
  }
  if (url.pathname === '/' && url.port === '4318') {
    mistakes.push(`The address of one signal is complete by the specification; this one lacks /v1/${signal}.`);
  }
}

/** Loki and Mimir of Grafana Cloud take OTLP of their own signal under /otlp; no other host there does. */
function findWrongHost(url: URL, mistakes: string[]): void {
  if (GRAFANA_HOST.test(url.hostname) && !url.pathname.startsWith('/otlp')) {
    mistakes.push(
      'This host of Grafana does not take OTLP over HTTP; use https://otlp-gateway-<zone>.grafana.net/otlp, shown under OpenTelemetry in the details of the stack.',
    );
  }
}
