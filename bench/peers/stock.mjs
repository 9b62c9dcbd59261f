/**
 * Stock: what a careful engineer writes by hand from the upstream documentation. Preload it with `--import`.
 *
 * Batch processors, OTLP over protobuf, one pushed and one scraped metric reader, HTTP and fetch instrumented. With
 * `SENTRY_DSN` set, Sentry with its default integrations and a second batch processor to its OTLP endpoint.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { context, logs, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': 'bench' }));
const spanProcessors = [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })];

if (process.env.SENTRY_DSN) {
  const Sentry = await import('@sentry/node');
  const endpoint = Sentry.getOtlpTracesEndpoint(process.env.SENTRY_DSN);
  spanProcessors.push(new BatchSpanProcessor({ exporter: new OTLPTraceExporter(endpoint) }));
  Sentry.init({ dsn: process.env.SENTRY_DSN, integrations: [Sentry.openTelemetryIntegration()] });
}

const tracerProvider = new TracerProvider({ resource, spanProcessors });
const meterProvider = new MeterProvider({
  resource,
  readers: [
    new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 10_000 }),
    new PrometheusExporter({ host: '127.0.0.1', port: Number(process.env.BENCH_PULL_PORT ?? 0) }),
  ],
});
const loggerProvider = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
});

trace.setGlobalTracerProvider(tracerProvider);
metrics.setGlobalMeterProvider(meterProvider);
logs.setGlobalLoggerProvider(loggerProvider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
);
registerInstrumentations({
  tracerProvider,
  meterProvider,
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
});
// The hook acts on `require`; an ESM application sees the patched module after the sync.
createRequire(import.meta.url)('node:http');
syncBuiltinESMExports();

/** For the first-export bench: what a handle's `forceFlush()` does. */
globalThis.benchForceFlush = () => Promise.all([tracerProvider.forceFlush(), loggerProvider.forceFlush()]);
