/**
 * Variables of OTLP export: one set for all signals and one per signal, made from the same eight rows.
 *
 * Layer: config.
 */
import { endpoint, type Kind, millis, names, oneOf, pairs, path, proxyAddress, text } from '../kinds.ts';
import type { Compression, Protocol } from '../config.ts';
import type { Variable } from '../variable.ts';

/** Signals as the names of variables spell them. */
export type SignalName = 'traces' | 'metrics' | 'logs';

/** What `OTEL_EXPORTER_OTLP_*PROTOCOL` may say; `grpc` is understood but not spoken. */
export type ProtocolName = Protocol | 'grpc';

/** One set of OTLP variables. */
export interface OtlpVariables {
  readonly endpoint: Variable<string>;
  readonly headers: Variable<string>;
  readonly protocol: Variable<ProtocolName>;
  readonly compression: Variable<Compression>;
  readonly timeout: Variable<number>;
  readonly certificate: Variable<string>;
  readonly clientKey: Variable<string>;
  readonly clientCertificate: Variable<string>;
}

const protocol: Kind<ProtocolName> = oneOf<ProtocolName>('http/protobuf', 'http/json', 'grpc');
const compression: Kind<Compression> = oneOf<Compression>('none', 'gzip');

/** `http/protobuf`, 10 s and no compression unless something else is said. */
export const OTLP_DEFAULTS: {
  readonly protocol: Protocol;
  readonly compression: Compression;
  readonly timeoutMillis: number;
  /** Base address when `otlp` is asked for by name and no endpoint is set. */
  readonly endpoint: string;
} = { protocol: 'http/protobuf', compression: 'none', timeoutMillis: 10_000, endpoint: 'http://localhost:4318' };

function otlpVariables(infix: string, signal: SignalName | undefined): OtlpVariables {
  const row = <T>(suffix: string, kind: Kind<T>, description: string, general?: string): Variable<T> => ({
    name: `OTEL_EXPORTER_OTLP_${infix}${suffix}`,
    section: 'OTLP export',
    kind,
    description: signal === undefined ? description : `${description} For ${signal}; unset: as for all signals.`,
    source: 'otlp-exporter',
    ...(signal === undefined && general !== undefined && { default: general }),
  });
  const address =
    signal === undefined
      ? 'Base address; /v1/traces, /v1/metrics and /v1/logs are appended. Unset: nothing is sent.'
      : `Complete address of ${signal}, used as it is. Unset: the base address and /v1/${signal}.`;
  return {
    endpoint: { ...row('ENDPOINT', endpoint, ''), description: address },
    headers: {
      ...row('HEADERS', pairs, 'Headers of every request, percent-encoded.'),
      ...(signal !== undefined && {
        description: `As for all signals, for ${signal}; these are added and win by name.`,
      }),
      secret: true,
    },
    protocol: row('PROTOCOL', protocol, 'http/protobuf or http/json; grpc is not available.', OTLP_DEFAULTS.protocol),
    compression: row('COMPRESSION', compression, 'gzip or none.', OTLP_DEFAULTS.compression),
    timeout: row('TIMEOUT', millis, 'Longest time of one request, in milliseconds.', `${OTLP_DEFAULTS.timeoutMillis}`),
    certificate: row('CERTIFICATE', path, 'PEM file with the certificates to trust.'),
    clientKey: row('CLIENT_KEY', path, 'PEM file with the private key of the client.'),
    clientCertificate: row('CLIENT_CERTIFICATE', path, 'PEM file with the certificate chain of the client.'),
  };
}

export const OTLP: Readonly<Record<SignalName | 'general', OtlpVariables>> = {
  general: otlpVariables('', undefined),
  traces: otlpVariables('TRACES_', 'traces'),
  metrics: otlpVariables('METRICS_', 'metrics'),
  logs: otlpVariables('LOGS_', 'logs'),
};

function exporterVariable(signal: SignalName, choices: string, unset: string): Variable<readonly string[]> {
  return {
    name: `OTEL_${signal.toUpperCase()}_EXPORTER`,
    section: 'OTLP export',
    kind: names,
    description: `Where ${signal} go: a list of ${choices}. Unset: ${unset}`,
    source: 'otel-env',
  };
}

/** `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER`. */
export const EXPORTERS: Readonly<Record<SignalName, Variable<readonly string[]>>> = {
  traces: exporterVariable('traces', 'otlp, console, none', 'otlp if an endpoint is set.'),
  metrics: exporterVariable(
    'metrics',
    'otlp, prometheus, console, none',
    'otlp if an endpoint is set, and the Prometheus endpoint in a process that listens.',
  ),
  logs: exporterVariable('logs', 'otlp, console, none', 'otlp if an endpoint is set.'),
};

function proxyVariable(name: string, destinations: string): Variable<string> {
  return {
    name,
    section: 'OTLP export',
    kind: proxyAddress,
    secret: true,
    description: `HTTP proxy for ${destinations} destinations, http://user:password@host:port. The name in lower case wins.`,
    source: 'common',
  };
}

function directVariable(name: string): Variable<string> {
  return {
    name,
    section: 'OTLP export',
    kind: text,
    description:
      'Hosts and domains reached without the proxy, separated by commas; with :port for one port; * for all. The name in lower case wins.',
    source: 'common',
  };
}

/** Proxy variables, in both spellings. `ALL_PROXY` is not read: it mostly names a SOCKS proxy. */
export const PROXY: Readonly<
  Record<'https' | 'httpsLower' | 'http' | 'httpLower' | 'except' | 'exceptLower', Variable<string>>
> = {
  https: proxyVariable('HTTPS_PROXY', 'https'),
  httpsLower: proxyVariable('https_proxy', 'https'),
  http: proxyVariable('HTTP_PROXY', 'http'),
  httpLower: proxyVariable('http_proxy', 'http'),
  except: directVariable('NO_PROXY'),
  exceptLower: directVariable('no_proxy'),
};

export const OTLP_VARIABLES: readonly Variable[] = [
  ...Object.values(EXPORTERS),
  ...Object.values(OTLP).flatMap((set): Variable[] => Object.values(set)),
  ...Object.values(PROXY),
];
