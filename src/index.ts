/**
 * duotel: OpenTelemetry for Node.js over OTLP and Prometheus at once.
 *
 * For servers, prefer the preload: `node --import duotel/register app.js`.
 *
 * @example
 * import { start, withSpan } from 'duotel';
 * const telemetry = start({ serviceName: 'report' });
 * await withSpan('report.write', () => writeReport());
 * await telemetry.shutdown();
 */
export type {
  ErrorRuleOptions,
  ErrorsOptions,
  LogRecordProcessorLike,
  PrometheusRegistryLike,
  SamplerLike,
  SentryEventLike,
  SpanProcessorLike,
  StartOptions,
} from './config/options.ts';
export type { CaptureHints } from './errors/capture-hints.ts';
export type { ErrorReport } from './errors/error-report.ts';
export type { RequestFields } from './request/request-context.ts';
export { requestId, setRequestContext } from './request/current-request.ts';
export { captureError } from './run/capture-error.ts';
export { currentTraceUrl } from './run/current-trace-url.ts';
export { exit } from './run/end.ts';
export { start } from './run/start.ts';
export type { FlushOptions, FlushOutcome, FlushResult, Telemetry, TelemetryStatus } from './run/telemetry.ts';
export { withSpan } from './traces/with-span.ts';
