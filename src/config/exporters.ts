/**
 * Settles which outputs a signal has: the truth table of `OTEL_*_EXPORTER`. For the Prometheus endpoint see `scrape.ts`.
 *
 * Nothing configured means nothing leaves; a name that is listed means what it says.
 * Source: DESIGN §6, D11; OpenTelemetry "Exporter Selection".
 * Layer: config.
 */
import type { SignalOutputs } from './config.ts';
import { pickNames } from './name-list.ts';
import type { OtlpResolver } from './otlp-destination.ts';
import type { Reader } from './reader.ts';
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
