/** An OTLP endpoint that counts and keeps nothing, for tests that run too long to keep it all. */
import { type Encoding, decodeLogs, decodeMetrics, decodeSpans } from '../../src/receiver/otlp-items.ts';
import { startServer } from '../unit/delivery/fault-server.ts';

/** A running endpoint. */
export interface CountingEndpoint {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** Spans, log records and data points so far. */
  readonly items: Readonly<Record<'traces' | 'logs' | 'metrics', number>>;
  /** Largest value seen so far of each metric that is a sum. */
  readonly sums: ReadonlyMap<string, number>;
  /** Bodies that were no OTLP. */
  readonly malformed: readonly string[];
  close(): Promise<void>;
}

export async function startCountingEndpoint(): Promise<CountingEndpoint> {
  const items = { traces: 0, logs: 0, metrics: 0 };
  const sums = new Map<string, number>();
  const malformed: string[] = [];
  const encoding: Encoding = 'protobuf';
  const count = (path: string | undefined, body: Buffer): void => {
    const decoded =
      path === '/v1/traces'
        ? decodeSpans(body, encoding)
        : path === '/v1/logs'
          ? decodeLogs(body, encoding)
          : undefined;
    if (decoded !== undefined) {
      if (decoded.ok) items[path === '/v1/traces' ? 'traces' : 'logs'] += decoded.value.length;
      else malformed.push(decoded.reason);
      return;
    }
    const metrics = decodeMetrics(body, encoding);
    if (!metrics.ok) malformed.push(metrics.reason);
    else
      for (const { name, points } of metrics.value) {
        items.metrics += points.length;
        for (const { value = 0 } of points) sums.set(name, Math.max(value, sums.get(name) ?? 0));
      }
  };
  const server = await startServer((_request, response) => {
    const request = server.requests.pop();
    if (request !== undefined) count(request.path, request.body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  return { url: server.url.replace('/v1/traces', ''), items, sums, malformed, close: server.close };
}
