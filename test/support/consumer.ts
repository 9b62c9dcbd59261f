/**
 * A program that uses every door of the package; type-checked against the packed tarball.
 */
import { exit, start, type FlushResult, type StartOptions, type Telemetry, withSpan } from 'duotel';
import { type Receiver, startReceiver } from 'duotel/testing';
import { createServer } from 'node:http';

const options: StartOptions = { serviceName: 'consumer', variables: { OTEL_BSP_SCHEDULE_DELAY: '100' } };
const telemetry: Telemetry = start(options);
const answer: number = withSpan('sync', () => 42);
const later: Promise<string> = withSpan('async', async (span) => {
  span.setAttribute('answer', answer);
  return 'done';
});
createServer(telemetry.metricsHandler);
const result: FlushResult = await telemetry.forceFlush({ timeoutMillis: 2000 });
export const seen: readonly [string, boolean, string] = [await later, result.ok, telemetry.status().state];
await telemetry.shutdown();
if (process.exitCode === 99) await exit(0);
const receiver: Receiver = await startReceiver({ unref: true });
export const received: number = receiver.spans.length;
await receiver.close();
