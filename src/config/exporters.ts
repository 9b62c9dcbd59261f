/**
 * Settles which outputs a signal has: the truth tables of `OTEL_*_EXPORTER` and of the Prometheus endpoint.
 *
 * Nothing configured means nothing leaves; a name that is listed means what it says.
 * Source: DESIGN §6, D11; OpenTelemetry "Exporter Selection".
 * Layer: config.
 */
import type { ScrapeConfig, SignalOutputs } from './config.ts';
import { pickNames } from './name-list.ts';
import type { OtlpResolver } from './otlp-destination.ts';
import { resolvePage } from './page.ts';
import type { Reader } from './reader.ts';
import { DUOTEL_METRICS_PORT_BUSY } from './variables/duotel.ts';
import {
  ENABLE_PROMETHEUS_METRICS,
  OTEL_EXPORTER_PROMETHEUS_HOST,
  OTEL_EXPORTER_PROMETHEUS_PORT,
} from './variables/metrics.ts';
import { EXPORTERS, type SignalName } from './variables/otlp.ts';

/** Names `OTEL_*_EXPORTER` may list. */
export type ExporterName = 'otlp' | 'prometheus' | 'console' | 'none';

const KNOWN: Readonly<Record<SignalName, readonly ExporterName[]>> = {
  traces: ['otlp', 'console', 'none'],
  metrics: ['otlp', 'prometheus', 'console', 'none'],
  logs: ['otlp', 'console', 'none'],
};

/** The exporters somebody listed; `undefined` when the choice is ours. `none` empties the list. */
export function resolveExporters(reader: Reader, signal: SignalName): readonly ExporterName[] | undefined {
  return pickNames(reader, EXPORTERS[signal], { known: KNOWN[signal], unavailable: ['zipkin', 'jaeger'] });
}

/** OTLP and console of one signal. */
export function resolveOutputs(
  otlp: OtlpResolver,
  signal: SignalName,
  exporters: readonly ExporterName[] | undefined,
): Omit<SignalOutputs, 'moreOtlp'> {
  const sends = exporters?.includes('otlp') ?? otlp.hasEndpoint(signal);
  return {
    otlp: sends ? otlp.destination(signal) : undefined,
    console: exporters?.includes('console') ?? false,
  };
}

/** The Prometheus endpoint. */
export function resolveScrape(reader: Reader, exporters: readonly ExporterName[] | undefined): ScrapeConfig {
  const page = resolvePage(reader);
  return {
    open: resolveOpen(reader, exporters),
    host: reader.value(OTEL_EXPORTER_PROMETHEUS_HOST),
    port: reader.value(OTEL_EXPORTER_PROMETHEUS_PORT),
    whenBusy: reader.value(DUOTEL_METRICS_PORT_BUSY),
    ...(page !== undefined && { page }),
  };
}

function resolveOpen(reader: Reader, exporters: readonly ExporterName[] | undefined): ScrapeConfig['open'] {
  const enabled = reader.given(ENABLE_PROMETHEUS_METRICS);
  const listed = exporters?.includes('prometheus');
  const portSet = reader.given(OTEL_EXPORTER_PROMETHEUS_PORT) !== undefined;
  if (enabled === false) {
    if (listed)
      reportConflict(
        reader,
        'notice',
        `${EXPORTERS.metrics.name} lists prometheus, but ${ENABLE_PROMETHEUS_METRICS.name} is false`,
      );
    return 'never';
  }
  if (listed === true) return 'always';
  if (listed === false) {
    if (portSet || enabled)
      reportConflict(
        reader,
        'info',
        `The endpoint is asked for, but ${EXPORTERS.metrics.name} does not list prometheus`,
      );
    return 'never';
  }
  return portSet ? 'always' : 'listening';
}

function reportConflict(reader: Reader, severity: 'notice' | 'info', what: string): void {
  reader.report({
    severity,
    code: 'DUOTEL_CONFIG_CONFLICT',
    message: `${what}; the Prometheus endpoint stays closed. Remove one of the two.`,
  });
}
