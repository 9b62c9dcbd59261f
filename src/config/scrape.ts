/**
 * Settles the Prometheus endpoint: when and where it opens, who is served, and over what.
 *
 * What restricts readers never fails open: a credential or certificate that cannot be used closes the door.
 * Source: DESIGN §6, D11.
 * Layer: config.
 */
import type { Issue, ScrapeAccess, ScrapeConfig, ScrapeTls } from './config.ts';
import type { ExporterName } from './exporters.ts';
import { resolvePage } from './page.ts';
import { printable } from './printable.ts';
import type { Reader } from './reader.ts';
import { DUOTEL_METRICS_PORT_BUSY } from './variables/duotel.ts';
import {
  ENABLE_PROMETHEUS_METRICS,
  OTEL_EXPORTER_PROMETHEUS_HOST,
  OTEL_EXPORTER_PROMETHEUS_PORT,
} from './variables/metrics.ts';
import { EXPORTERS } from './variables/otlp.ts';
import {
  DUOTEL_METRICS_BASIC_AUTH,
  DUOTEL_METRICS_ON_APP,
  DUOTEL_METRICS_TLS_CERT,
  DUOTEL_METRICS_TLS_CLIENT_CA,
  DUOTEL_METRICS_TLS_KEY,
  DUOTEL_METRICS_TOKEN,
  DUOTEL_METRICS_TOKEN_FILE,
} from './variables/scrape.ts';

/** The Prometheus endpoint. */
export function resolveScrape(reader: Reader, exporters: readonly ExporterName[] | undefined): ScrapeConfig {
  const host = reader.value(OTEL_EXPORTER_PROMETHEUS_HOST);
  const socketPath = /^unix:(?:\/\/)?(.+)$/.exec(host)?.[1];
  const wish = resolveWish(reader, exporters, socketPath !== undefined);
  const tls = resolveTls(reader);
  const access = resolveAccess(reader);
  const open = tls === 'incomplete' ? 'never' : wish.open;
  const page = resolvePage(reader);
  const isReachable = open !== 'never' && socketPath === undefined && !isLoopback(host);
  if (access === undefined && isReachable) reportUnguarded(reader, `on ${printable(host)}`);
  if (access === undefined && wish.appPath !== undefined) reportUnguarded(reader, "on the application's port");
  return {
    open,
    host,
    port: reader.value(OTEL_EXPORTER_PROMETHEUS_PORT),
    whenBusy: reader.value(DUOTEL_METRICS_PORT_BUSY),
    ...(page !== undefined && { page }),
    ...(socketPath !== undefined && { socketPath }),
    ...(wish.appPath !== undefined && { appPath: wish.appPath }),
    ...(access !== undefined && { access }),
    ...(typeof tls === 'object' && { tls }),
  };
}

interface Wish {
  readonly open: ScrapeConfig['open'];
  readonly appPath?: string | undefined;
}

const CLOSED: Wish = { open: 'never' };

function resolveWish(reader: Reader, exporters: readonly ExporterName[] | undefined, hasSocket: boolean): Wish {
  const enabled = reader.given(ENABLE_PROMETHEUS_METRICS);
  const appPath = reader.given(DUOTEL_METRICS_ON_APP);
  const listed = exporters?.includes('prometheus');
  const hasAddress = hasSocket || reader.given(OTEL_EXPORTER_PROMETHEUS_PORT) !== undefined;
  if (enabled === false) {
    const other = listed
      ? `${EXPORTERS.metrics.name} lists prometheus`
      : appPath && `${DUOTEL_METRICS_ON_APP.name} is set`;
    if (other) reportConflict(reader, 'notice', `${other}, but ${ENABLE_PROMETHEUS_METRICS.name} is false`);
    return CLOSED;
  }
  if (listed === false) {
    // Our own variable has no other meaning; the other two may be there for another program of the same environment.
    const severity = appPath === undefined ? 'info' : 'notice';
    const isAsked = hasAddress || enabled || appPath !== undefined;
    const what = `The endpoint is asked for, but ${EXPORTERS.metrics.name} does not list prometheus`;
    if (isAsked) reportConflict(reader, severity, what);
    return CLOSED;
  }
  if (hasAddress) return { open: 'always', appPath };
  if (appPath !== undefined) return { open: 'never', appPath };
  return { open: listed ? 'always' : 'listening' };
}

function resolveAccess(reader: Reader): ScrapeAccess | undefined {
  const token = reader.given(DUOTEL_METRICS_TOKEN);
  const tokenFile = reader.given(DUOTEL_METRICS_TOKEN_FILE);
  const basic = reader.given(DUOTEL_METRICS_BASIC_AUTH);
  if (token === undefined && tokenFile === undefined && basic === undefined) return undefined;
  const hasColon = basic?.includes(':') === true;
  if (basic !== undefined && !hasColon) {
    const message = `${DUOTEL_METRICS_BASIC_AUTH.name} is not user:password; nobody is served by it. Correct or remove it.`;
    reader.report(credentialIssue('notice', message));
  }
  return {
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(hasColon && { basic }),
  };
}

function resolveTls(reader: Reader): ScrapeTls | 'incomplete' | undefined {
  const certFile = reader.given(DUOTEL_METRICS_TLS_CERT);
  const keyFile = reader.given(DUOTEL_METRICS_TLS_KEY);
  const clientCaFile = reader.given(DUOTEL_METRICS_TLS_CLIENT_CA);
  if (certFile !== undefined && keyFile !== undefined)
    return { certFile, keyFile, ...(clientCaFile !== undefined && { clientCaFile }) };
  if (certFile === undefined && keyFile === undefined && clientCaFile === undefined) return undefined;
  const missing = [DUOTEL_METRICS_TLS_CERT, DUOTEL_METRICS_TLS_KEY].filter((each) => reader.given(each) === undefined);
  const message = `HTTPS of the Prometheus endpoint needs ${missing.map(({ name }) => name).join(' and ')}; it stays closed.`;
  reader.report(credentialIssue('notice', message));
  return 'incomplete';
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.[\d.]+|\[?(?:::1|::ffff:127\.[\d.]+)\]?)$/i.test(host);
}

/** Somebody asked for it, so it is no warning; `0.0.0.0` is how containers are scraped. */
function reportUnguarded(reader: Reader, where: string): void {
  const message =
    `The metrics ${where} are served to whoever reaches it; ${DUOTEL_METRICS_TOKEN.name} or ` +
    `${DUOTEL_METRICS_BASIC_AUTH.name} restricts that.`;
  reader.report(credentialIssue('info', message));
}

function credentialIssue(severity: Issue['severity'], message: string): Issue {
  return { severity, code: 'DUOTEL_CONFIG_CREDENTIAL', message };
}

function reportConflict(reader: Reader, severity: Issue['severity'], what: string): void {
  const message = `${what}; the Prometheus endpoint stays closed. Remove one of the two.`;
  reader.report({ severity, code: 'DUOTEL_CONFIG_CONFLICT', message });
}
