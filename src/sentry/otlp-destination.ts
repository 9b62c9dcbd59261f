/**
 * Sentry as one more OTLP destination of spans.
 *
 * Layer: sentry. Source: docs.sentry.io, “Sentry OpenTelemetry Protocol (OTLP) support”; develop.sentry.dev, “Authentication”.
 */
import type { OtlpDestination, SentryConfig } from '../config/config.ts';
import { projectUrl } from '../config/dsn.ts';

/** Where Sentry takes spans; the key is public by name, and in no line for people all the same. */
export function sentryTracesDestination({ dsn, proxy }: Pick<SentryConfig, 'dsn' | 'proxy'>): OtlpDestination {
  return {
    url: `${projectUrl(dsn)}integration/otlp/v1/traces/`,
    headers: { 'x-sentry-auth': `sentry sentry_version=7, sentry_key=${dsn.publicKey}` },
    protocol: 'http/protobuf',
    // It goes through the internet, and is billed there by the byte.
    compression: 'gzip',
    timeoutMillis: 10_000,
    tls: {},
    ...(proxy !== undefined && { proxy }),
  };
}
