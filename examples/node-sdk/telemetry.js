// Preload: node --import ./telemetry.js app.js
//
// A set-up as it is written by hand from the upstream documents, with duotel's parts added to the same NodeSDK.
// The official exporters send to OTEL_EXPORTER_OTLP_ENDPOINT, duotel's parts to SECOND_OTLP_ENDPOINT.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { context } from '@opentelemetry/api';
import {
  CompositePropagator,
  suppressTracing,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import * as Sentry from '@sentry/node';
import { SentryPropagator } from '@sentry/opentelemetry';
import { nodeSdkParts } from 'duotel/node-sdk';

const parts = nodeSdkParts({
  variables: {
    OTEL_EXPORTER_OTLP_ENDPOINT: process.env.SECOND_OTLP_ENDPOINT ?? '',
    OTEL_METRICS_EXPORTER: 'otlp', // the page is the official exporter's below
  },
});

// Sentry's headers are only read: its propagator can write them for the active span alone, and an outgoing request has
// a span of its own.
const sentry = new SentryPropagator();
const sentryHeaders = {
  inject: () => {},
  extract: (...args) => sentry.extract(...args),
  fields: () => sentry.fields(),
};

const sdk = new NodeSDK({
  resource: parts.resource,
  autoDetectResources: false, // the default detectors publish command line and user name
  spanProcessors: [
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 500 }),
    ...parts.spanProcessors,
  ],
  metricReaders: [
    new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 1_000 }),
    new PrometheusExporter({ host: '127.0.0.1', port: Number(process.env.PROMETHEUS_PORT ?? 9464) }),
    ...parts.metricReaders,
  ],
  logRecordProcessors: parts.logRecordProcessors,
  instrumentations: [new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url === '/metrics' })],
  // Where both kinds of headers are present, W3C wins because it comes later.
  textMapPropagator: new CompositePropagator({
    propagators: [sentryHeaders, new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  }),
});
sdk.start();

// An ES module sees the instrumented node:http only if it is loaded once by require() and synchronised.
createRequire(import.meta.url)('node:http');
syncBuiltinESMExports();

// After the SDK: errors, logs and check-ins then carry the ids of the active OpenTelemetry span. Nothing but `null`
// switches Sentry's own tracing off whatever the environment says.
Sentry.init({
  dsn: process.env.SENTRY_DSN,
  tracesSampleRate: null,
  enableRuntimeChannelInjection: false,
  // Sentry's own handler of unhandled rejections would keep a process alive that Node.js ends.
  integrations: (defaults) => [
    ...defaults.filter(({ name }) => name !== 'OnUnhandledRejection'),
    Sentry.openTelemetryIntegration(),
  ],
  dataCollection: { userInfo: false, cookies: false, httpBodies: [], urlQueryParams: false },
  // Sentry's requests are invisible to its own tracing only; without this they become spans of HttpInstrumentation.
  transport: (options) => {
    const transport = Sentry.makeNodeTransport(options);
    const send = (envelope) => context.with(suppressTracing(context.active()), () => transport.send(envelope));
    return { ...transport, send };
  },
});

process.once('SIGTERM', async () => {
  await Promise.allSettled([sdk.shutdown(), Sentry.close(1_000)]);
  process.exit(0);
});
