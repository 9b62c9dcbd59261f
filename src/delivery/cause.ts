/**
 * Why a destination did not take a request, and what a person can do about it.
 *
 * Layer: delivery.
 */

/** What kind of trouble it is; decides the remedy, and whether trying again soon can help. */
export type CauseKind =
  | 'refused'
  | 'dns'
  | 'proxy'
  | 'tls'
  | 'timeout'
  | 'network'
  | 'protocol'
  | 'credential'
  | 'path'
  | 'redirect'
  | 'media'
  | 'size'
  | 'throttled'
  | 'unavailable'
  | 'request'
  | 'slow'
  | 'ended';

/** A failure in words. */
export interface Cause {
  readonly kind: CauseKind;
  /** Status code or error code: the same trouble has the same code. */
  readonly code: string;
  /** One line without secrets, e.g. `401 Unauthorized: invalid token`. */
  readonly text: string;
}

/** Kinds that a person has to mend: another attempt within seconds cannot end differently. */
const HOPELESS = new Set<CauseKind>([
  'refused',
  'dns',
  'proxy',
  'tls',
  'protocol',
  'credential',
  'path',
  'redirect',
  'media',
]);

/** Whether a drain should stop trying at once. */
export function isHopeless(cause: Cause): boolean {
  return HOPELESS.has(cause.kind);
}

/** What to do, as a sentence; names the variables. */
export function remedyOf(cause: Cause, url: string): string {
  if (SENTRY_PATH.test(url)) return SENTRY_REMEDIES[cause.kind] ?? REMEDIES[cause.kind];
  const isGrafana = URL.canParse(url) && new URL(url).hostname.endsWith('.grafana.net');
  if (isGrafana && cause.kind === 'credential') return GRAFANA_CREDENTIAL;
  if (isGrafana && cause.kind === 'path') return GRAFANA_PATH;
  return REMEDIES[cause.kind];
}

const GRAFANA_CREDENTIAL =
  'Check GRAFANA_CLOUD_INSTANCE_ID and GRAFANA_CLOUD_OTLP_TOKEN (or OTEL_EXPORTER_OTLP_HEADERS): the token needs the write scope of this signal.';
const GRAFANA_PATH = 'Check OTEL_EXPORTER_OTLP_ENDPOINT: the address of Grafana Cloud ends in /otlp.';

/** Envelopes, and spans over OTLP. */
const SENTRY_PATH = /\/api\/\d+\/(?:envelope|integration)\//;

const CHECK_DSN = 'Check SENTRY_DSN against the client keys of the project in Sentry.';

const SENTRY_REMEDIES: Partial<Record<CauseKind, string>> = {
  refused: 'Check the address in SENTRY_DSN, and that Sentry is running there.',
  dns: 'Check the host name in SENTRY_DSN.',
  tls: 'Check http:// or https:// in SENTRY_DSN; NODE_EXTRA_CA_CERTS names the certificate of an authority of your own.',
  timeout: 'Check that the address in SENTRY_DSN can be reached from here.',
  protocol: CHECK_DSN,
  credential: CHECK_DSN,
  path: CHECK_DSN,
  redirect: 'Set SENTRY_DSN to the final address; redirects are not followed.',
  media: CHECK_DSN,
  size: 'Send less with each error: extra data, tags, breadcrumbs.',
  throttled: 'Send less, or raise quota and rate limits of the project in Sentry; meanwhile nothing more is sent.',
};

const REMEDIES: Record<CauseKind, string> = {
  refused: 'Check that a collector is running there, or set OTEL_EXPORTER_OTLP_ENDPOINT to where it is.',
  dns: 'Check the host name in OTEL_EXPORTER_OTLP_ENDPOINT.',
  proxy: 'Check the proxy in HTTPS_PROXY or HTTP_PROXY, and its credential; hosts in NO_PROXY are reached without it.',
  tls: 'Check http:// or https:// in OTEL_EXPORTER_OTLP_ENDPOINT, and OTEL_EXPORTER_OTLP_CERTIFICATE, …_CLIENT_CERTIFICATE and …_CLIENT_KEY.',
  timeout: 'Check that the address can be reached from here; OTEL_EXPORTER_OTLP_TIMEOUT is the limit in milliseconds.',
  network: 'Check the destination and what lies between.',
  protocol: 'Check the port in OTEL_EXPORTER_OTLP_ENDPOINT: OTLP over HTTP usually has 4318, gRPC has 4317.',
  credential: 'Check the credential in OTEL_EXPORTER_OTLP_HEADERS.',
  path: 'Check the path in OTEL_EXPORTER_OTLP_ENDPOINT; the path of the signal is added to it.',
  redirect: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to the final address; redirects are not followed.',
  media: 'Check OTEL_EXPORTER_OTLP_PROTOCOL and OTEL_EXPORTER_OTLP_COMPRESSION.',
  size: 'Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE or OTEL_BLRP_MAX_EXPORT_BATCH_SIZE, or raise the limit of the destination.',
  throttled: 'Send less, or raise the limit of the destination.',
  unavailable: 'Check the state of the destination.',
  request: 'Check what the destination expects; its own log may say more.',
  slow: 'Check the state of the destination, or send less.',
  ended: 'Check that the destination answers; DUOTEL_SHUTDOWN_TIMEOUT gives it more time.',
};

/** The kind of a status code that is no success. */
export function kindOfStatus(statusCode: number): CauseKind {
  if (statusCode === 401 || statusCode === 403) return 'credential';
  if (statusCode === 404 || statusCode === 405) return 'path';
  if (statusCode === 413) return 'size';
  if (statusCode === 415) return 'media';
  if (statusCode === 429) return 'throttled';
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode >= 500 ? 'unavailable' : 'request';
}

/** The kind of an error code of Node.js, OpenSSL or the transport. `ERR_…` are headers and addresses Node.js refuses to send. */
export function kindOfError(code: string): CauseKind {
  if (PROXY_CODE.test(code)) return 'proxy';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'dns';
  if (code === 'DEADLINE' || code === 'ETIMEDOUT') return 'timeout';
  if (code.startsWith('HPE_')) return 'protocol';
  if (TLS_CODE.test(code)) return 'tls';
  if (code === 'ERR_INVALID_CHAR') return 'credential';
  if (code.startsWith('ERR_')) return 'path';
  return 'network';
}

/** OpenSSL's verification codes carry no common prefix; `EPROTO` is a server that does not speak TLS. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_|TLS_FILE|EPROTO)/;

/** What a person has to mend; a proxy that answers with 500 and more may recover, like any network. */
const PROXY_CODE = /^PROXY_(4\d\d|ECONNREFUSED|ENOTFOUND|EAI_\w+)$/;
