/** What programs with Sentry are started with, when a receiver stands for it and for the collector. */
import type { Receiver } from '../../src/testing.ts';

/** Quiet but for what the program itself makes. `APP_DSN` is for programs that hand the address to Sentry in code. */
export function sentryEnvironment(
  { url, dsn }: Pick<Receiver, 'url' | 'dsn'>,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: 'shop',
    OTEL_METRIC_EXPORT_INTERVAL: '3600000',
    ENABLE_PROMETHEUS_METRICS: 'false',
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    SENTRY_DSN: dsn,
    APP_DSN: dsn,
    // On a machine that runs all tests at once a thread may take longer to start than an exit may take.
    DUOTEL_SHUTDOWN_TIMEOUT: '3000',
    ...more,
  };
}
