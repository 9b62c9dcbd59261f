/**
 * Settles where and how each signal is sent over OTLP.
 *
 * Per value: the variable of the signal, then the one of all signals, then the Grafana Cloud preset, then the default.
 * Source: OTLP exporter specification.
 * Layer: config. Loaded by `otlp.ts`.
 */
import type { OtlpDestination, Protocol } from './config.ts';
import { isGrafanaGateway, signalUrl } from './endpoint.ts';
import { reviewGatewayCredential } from './gateway-credential.ts';
import { type GrafanaPreset, resolveGrafanaCloud } from './grafana-cloud.ts';
import { type Endpoint, readEndpoint, readPresetEndpoint, reportEndpoint } from './otlp-endpoint.ts';
import { readHeaders } from './otlp-headers.ts';
import { printable } from './printable.ts';
import { resolveTls } from './otlp-tls.ts';
import { createProxyResolver, type ProxyResolver } from './proxy.ts';
import type { Reader } from './reader.ts';
import { settlePreference } from './temporality.ts';
import { DUOTEL_HOURLY_LIMIT_MB } from './variables/duotel.ts';
import { GRAFANA_CLOUD_INSTANCE_ID } from './variables/grafana.ts';
import { DUOTEL_OTLP_TRACES_RATIO } from './variables/traces.ts';
import { OTLP, OTLP_DEFAULTS, type OtlpVariables, type SignalName } from './variables/otlp.ts';

/** Settles the destinations of one resolution. */
export interface OtlpResolver {
  /** Whether an address is known for a signal without falling back on the standard one. */
  hasEndpoint(signal: SignalName): boolean;
  /** The destination; the standard address when no endpoint is known. */
  destination(signal: SignalName): OtlpDestination;
}

/** What all signals share. */
interface Shared {
  readonly preset: GrafanaPreset;
  readonly presetEndpoint: Endpoint | undefined;
  readonly generalHeaders: Readonly<Record<string, string>>;
}

export function createOtlpResolver(reader: Reader): OtlpResolver {
  const preset = resolveGrafanaCloud(reader);
  const general = readEndpoint(reader, OTLP.general.endpoint);
  const presetEndpoint = general === undefined ? readPresetEndpoint(reader, preset) : undefined;
  if (general !== undefined && preset.endpoint !== undefined) reportUnusedPreset(reader, general);
  const base = general ?? presetEndpoint;
  const shared: Shared = { preset, presetEndpoint, generalHeaders: readHeaders(reader, OTLP.general.headers) };
  const own: Readonly<Record<SignalName, Endpoint | undefined>> = {
    traces: readEndpoint(reader, OTLP.traces.endpoint, 'traces'),
    metrics: readEndpoint(reader, OTLP.metrics.endpoint, 'metrics'),
    logs: readEndpoint(reader, OTLP.logs.endpoint, 'logs'),
  };
  // Read with the first destination: a program that sends nothing has no use for findings about a proxy.
  let proxyOf: ProxyResolver | undefined;
  return {
    hasEndpoint: (signal) => (own[signal] ?? base) !== undefined,
    destination(signal) {
      const endpoint = own[signal] ?? atSignal(base, signal);
      const isPreset = own[signal] === undefined && presetEndpoint !== undefined;
      const { protocol, url } = resolveProtocol(reader, OTLP[signal], endpoint);
      const { timeout, compression } = OTLP[signal];
      const proxy = (proxyOf ??= createProxyResolver(reader))(url);
      return {
        url: url.href,
        headers: resolveHeaders(reader, shared, { signal, endpoint }),
        protocol,
        compression:
          reader.given(compression) ??
          reader.given(OTLP.general.compression) ??
          (isPreset ? 'gzip' : OTLP_DEFAULTS.compression),
        timeoutMillis: reader.given(timeout) ?? reader.given(OTLP.general.timeout) ?? OTLP_DEFAULTS.timeoutMillis,
        tls: resolveTls(reader, OTLP[signal]),
        ...(proxy !== undefined && { proxy }),
        ...hourlyLimit(signal, reader.given(DUOTEL_HOURLY_LIMIT_MB)),
        ...(signal === 'metrics' && settlePreference(reader, url)),
        ...(signal === 'traces' && traceRatio(reader.value(DUOTEL_OTLP_TRACES_RATIO))),
      };
    },
  };
}

/** Metrics have none: their volume is bounded by their series. */
export function hourlyLimit(
  signal: SignalName,
  megabytes: number | undefined,
): Pick<OtlpDestination, 'hourlyLimitBytes'> {
  return megabytes === undefined || signal === 'metrics' ? {} : { hourlyLimitBytes: megabytes * 1_000_000 };
}

/** A destination that gets everything has none. */
export function traceRatio(ratio: number): Pick<OtlpDestination, 'traceRatio'> {
  return ratio === 1 ? {} : { traceRatio: ratio };
}

/** No notice: variables meant for a collector nearby are often seen by the application too. */
function reportUnusedPreset(reader: Reader, { url, variable }: Endpoint): void {
  reader.report({
    severity: 'info',
    code: 'DUOTEL_CONFIG_CONFLICT',
    message: `${variable.name}=${printable(url.href)} is in force, not the address of the GRAFANA_CLOUD_ variables. Remove one of the two.`,
  });
}

function atSignal(base: Endpoint | undefined, signal: SignalName): Endpoint {
  const { url, authorization, variable } = base ?? {
    url: new URL(OTLP_DEFAULTS.endpoint),
    authorization: undefined,
    variable: OTLP.general.endpoint,
  };
  return { url: signalUrl(url, signal), authorization, variable };
}

/** The preset's credential goes to its own host and to the gateway, never anywhere else. */
function resolveHeaders(
  reader: Reader,
  { preset, presetEndpoint, generalHeaders }: Shared,
  { signal, endpoint }: { readonly signal: SignalName; readonly endpoint: Endpoint },
): Readonly<Record<string, string>> {
  const isTrusted = isGrafanaGateway(endpoint.url.hostname) || endpoint.url.origin === presetEndpoint?.url.origin;
  const implied = endpoint.authorization ?? (isTrusted ? preset.authorization : undefined);
  const written = { ...generalHeaders, ...readHeaders(reader, OTLP[signal].headers) };
  const headers =
    implied === undefined || 'authorization' in written ? written : { ...written, authorization: implied };
  if (isTrusted) reviewCredential(reader, headers['authorization'], preset);
  return headers;
}

function reviewCredential(reader: Reader, authorization: string | undefined, preset: GrafanaPreset): void {
  const finding = reviewGatewayCredential(authorization);
  if (finding === undefined) return;
  // Why there is no credential has been said already if it was set up and came to nothing.
  if (authorization === undefined && reader.issues.some(({ code }) => code === 'DUOTEL_CONFIG_CREDENTIAL')) return;
  const where = authorization === preset.authorization ? GRAFANA_CLOUD_INSTANCE_ID : OTLP.general.headers;
  const prefix = authorization === undefined ? '' : `${where.name}: `;
  reader.report({ severity: 'notice', code: 'DUOTEL_CONFIG_CREDENTIAL', message: `${prefix}${finding}` });
}

/** gRPC is not spoken; what was meant for its standard port goes to the HTTP port of the same collector. */
function resolveProtocol(
  reader: Reader,
  variables: OtlpVariables,
  { url, variable: endpoint }: Endpoint,
): { readonly protocol: Protocol; readonly url: URL } {
  const variable = reader.given(variables.protocol) === undefined ? OTLP.general.protocol : variables.protocol;
  const protocol = reader.given(variable) ?? OTLP_DEFAULTS.protocol;
  const isGrpcPort = url.port === '4317';
  if (protocol !== 'grpc') {
    if (isGrpcPort) reportEndpoint(reader, { address: url.origin, variable: endpoint }, GRPC_PORT);
    return { protocol, url };
  }
  const used = new URL(url);
  if (isGrpcPort) used.port = '4318';
  reader.settle(variable, OTLP_DEFAULTS.protocol);
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_FEATURE_UNAVAILABLE',
    message:
      `${variable.name}=grpc: OTLP over gRPC is not available; http/protobuf is used` +
      `${isGrpcPort ? ', at port 4318 instead of 4317' : ''}. Set it to http/protobuf, and the endpoint to one ` +
      'that takes OTLP over HTTP, usually at port 4318.',
  });
  return { protocol: OTLP_DEFAULTS.protocol, url: used };
}

const GRPC_PORT = 'Port 4317 is the one of OTLP over gRPC. Set port 4318, where OTLP over HTTP usually is.';
