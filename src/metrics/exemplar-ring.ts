/**
 * Exemplars: the last sampled measurements of an instrument, a few for each bucket, whatever the number of series.
 *
 * Bounded by instrument and not by series, because a trace id with its value weighs more than a counter.
 * Layer: metrics. Source: OpenTelemetry specification, "Exemplar".
 */
import { context as activeContext, type Context, trace, TraceFlags } from '@opentelemetry/api';
import type { Exemplar } from '../encode/exemplar.ts';
import type { Series } from './series.ts';

/** Measurements kept for each bucket. */
const KEPT_PER_BUCKET = 8;

interface Kept extends Exemplar {
  readonly series: Series;
  readonly bucket: number;
}

/** The last measurements made in sampled spans. */
export class ExemplarRing {
  readonly #kept: (Kept | undefined)[];
  readonly #clock: () => number;
  #offered = 0;

  /** @param clock - milliseconds since the Unix epoch */
  constructor(buckets: number, clock: () => number) {
    this.#kept = Array.from({ length: buckets * KEPT_PER_BUCKET }, () => undefined);
    this.#clock = clock;
  }

  /** Keeps the measurement if its span is sampled. */
  offer(series: Series, value: number, bucket: number, context: Context | undefined): void {
    const span = trace.getSpanContext(context ?? activeContext.active());
    if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.#offered = (this.#offered + 1) % KEPT_PER_BUCKET;
    this.#kept[bucket * KEPT_PER_BUCKET + this.#offered] = {
      series,
      value,
      bucket,
      timeMillis: this.#clock(),
      traceId: span.traceId,
      spanId: span.spanId,
    };
  }

  /** The newest exemplar of each bucket, by series. */
  read(): Map<Series, Exemplar[]> {
    const newest = new Map<Series, Map<number, Kept>>();
    for (const kept of this.#kept) {
      if (kept === undefined) continue;
      let ofSeries = newest.get(kept.series);
      if (ofSeries === undefined) newest.set(kept.series, (ofSeries = new Map()));
      const earlier = ofSeries.get(kept.bucket);
      if (earlier === undefined || earlier.timeMillis <= kept.timeMillis) ofSeries.set(kept.bucket, kept);
    }
    return new Map([...newest].map(([series, byBucket]) => [series, [...byBucket.values()].map(toExemplar)]));
  }
}

function toExemplar({ value, timeMillis, traceId, spanId }: Kept): Exemplar {
  return { value, timeMillis, traceId, spanId };
}
