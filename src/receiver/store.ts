/**
 * Everything that was received, with the questions tests and viewers ask.
 *
 * Layer: receiver.
 */
import { createBoundedList, type BoundedList } from './bounded-list.ts';
import type {
  ReceivedAttributes,
  ReceivedEnvelope,
  ReceivedLog,
  ReceivedMetric,
  ReceivedPoint,
  ReceivedRequest,
  ReceivedSpan,
} from './received.ts';

/** One list for each kind of item. */
export interface Store {
  readonly spans: BoundedList<ReceivedSpan>;
  readonly sentrySpans: BoundedList<ReceivedSpan>;
  readonly logs: BoundedList<ReceivedLog>;
  readonly metrics: BoundedList<ReceivedMetric>;
  readonly envelopes: BoundedList<ReceivedEnvelope>;
  readonly requests: BoundedList<ReceivedRequest>;
}

export function createStore(maxItems: number, maxBytes: number): Store {
  return {
    spans: createBoundedList(maxItems, maxBytes),
    sentrySpans: createBoundedList(maxItems, maxBytes),
    logs: createBoundedList(maxItems, maxBytes),
    metrics: createBoundedList(maxItems, maxBytes),
    envelopes: createBoundedList(maxItems, maxBytes),
    requests: createBoundedList(maxItems, maxBytes),
  };
}

/** Spans of one trace in order of their start; a parent comes before a child that started in the same nanosecond. */
export function spansOfTrace(spans: readonly ReceivedSpan[], traceId: string): ReceivedSpan[] {
  return spans.filter((span) => span.traceId === traceId).sort(byStart);
}

function byStart(left: ReceivedSpan, right: ReceivedSpan): number {
  if (left.startNanos !== right.startNanos) return left.startNanos < right.startNanos ? -1 : 1;
  if (left.parentSpanId === right.spanId) return 1;
  return right.parentSpanId === left.spanId ? -1 : 0;
}

/** The point received last of the metric called `name` among those that have all of `attributes`. */
export function latestPoint(
  metrics: readonly ReceivedMetric[],
  name: string,
  attributes: ReceivedAttributes,
): ReceivedPoint | undefined {
  const wanted = Object.entries(attributes);
  for (const metric of metrics.toReversed()) {
    if (metric.name !== name) continue;
    const point = metric.points.findLast((candidate) =>
      wanted.every(([key, value]) => candidate.attributes[key] === value),
    );
    if (point !== undefined) return point;
  }
  return undefined;
}

/** All items as JSON text: 64-bit integers as decimal text, bytes as base64; requests without their bodies. */
export function storeToJson(store: Store): string {
  const items = {
    spans: store.spans.entries,
    sentrySpans: store.sentrySpans.entries,
    logs: store.logs.entries,
    metrics: store.metrics.entries,
    envelopes: store.envelopes.entries,
    requests: store.requests.entries.map((request) => ({ ...request, body: undefined })),
  };
  return JSON.stringify(items, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });
}
