/**
 * Door `duotel/testing`: a receiver to test an application's telemetry against, with real requests.
 *
 * ```ts
 * const receiver = await startReceiver();
 * const app = spawn('node', ['--import', 'duotel/register', 'app.js'], {
 *   env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
 * });
 * const span = await receiver.waitFor(() => receiver.spans.find(({ name }) => name === 'GET /orders/:id'));
 * ```
 * Layer: door.
 */
export { startReceiver } from './receiver/receiver.ts';
export type { ReceivedCounts, Receiver, ReceiverOptions } from './receiver/receiver.ts';
export type { Fault } from './receiver/fault.ts';
export type {
  ReceivedAttributes,
  ReceivedBuckets,
  ReceivedEnvelope,
  ReceivedEnvelopeItem,
  ReceivedExemplar,
  ReceivedLog,
  ReceivedMetric,
  ReceivedMetricType,
  ReceivedPoint,
  ReceivedRequest,
  ReceivedScope,
  ReceivedSignal,
  ReceivedSource,
  ReceivedSpan,
  ReceivedSpanEvent,
  ReceivedSpanKind,
  ReceivedSpanLink,
  ReceivedValue,
} from './receiver/received.ts';
