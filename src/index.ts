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
import type { StartOptions } from './config/options.ts';
import { handOverApplicationApi } from './run/api-copies.ts';
import { facades } from './run/facades.ts';
import { start as startRun } from './run/start.ts';
import type { Telemetry } from './run/telemetry.ts';

export type { LogRecordProcessorLike, SamplerLike, SpanProcessorLike, StartOptions } from './config/options.ts';
export type { FlushOptions, FlushOutcome, FlushResult, Telemetry, TelemetryStatus } from './run/telemetry.ts';
export { withSpan } from './traces/with-span.ts';

/**
 * Starts telemetry for this process.
 *
 * Synchronous; never throws. A second call returns the handle of the first until it is shut down.
 *
 * @param options - wins over the environment; see docs/reference/configuration.md
 */
export function start(options: StartOptions = {}): Telemetry {
  handOverApplicationApi(facades);
  return startRun(options);
}
