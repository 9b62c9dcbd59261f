// Preload: the official HTTP instrumentations, as an application registers them by hand.
const { context } = require('@opentelemetry/api');
const { isTracingSuppressed } = require('@opentelemetry/core');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');

registerInstrumentations({
  instrumentations: [
    // Without this it measures the exports of telemetry too.
    new HttpInstrumentation({ ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()) }),
    new UndiciInstrumentation(),
  ],
});
