/**
 * What delivery says of itself, as metrics: the ledger of every destination, and the notices.
 *
 * Made from the ledger when somebody looks, so that counting costs nothing and both outputs say the same as `status()`.
 * Layer: metrics. Loaded with the first snapshot. Source: OpenTelemetry semantic conventions, "SDK metrics"; names of
 * our own where it has none.
 */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { AggregationTemporality, DataPointType, type MetricData, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { noticeCounts } from '../core/notices.ts';
import { redactionCounts } from '../encode/redaction.ts';
import type { DeliveryStats, Signal } from '../delivery/account.ts';

/** One signal at one destination. */
export interface SelfMetricsSource {
  readonly stats: DeliveryStats;
  /** Requests are JSON, which is another component type. */
  readonly isJson: boolean;
}

/** What the tail buffer says of itself. */
export interface TailSource {
  readonly keptSpans: number;
  readonly droppedSpans: number;
  readonly heldSpans: number;
}

interface Words {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

const EXPORTED = 'Items whose export has finished; those with error.type were dropped for that reason.';
const INFLIGHT = 'Items that wait or are under way.';

interface ItemWords {
  readonly exporter: string;
  readonly exported: Words;
  readonly inflight: Words;
}

function itemWords(item: string, unit: string, exporter: string): ItemWords {
  return {
    exporter,
    exported: { name: `otel.sdk.exporter.${item}.exported`, unit, description: EXPORTED },
    inflight: { name: `otel.sdk.exporter.${item}.inflight`, unit, description: INFLIGHT },
  };
}

const ITEMS: Readonly<Record<Signal, ItemWords>> = {
  traces: itemWords('span', '{span}', 'span_exporter'),
  logs: itemWords('log', '{log_record}', 'log_exporter'),
  metrics: itemWords('metric_data_point', '{data_point}', 'metric_exporter'),
  sentry: {
    exporter: 'sentry_exporter',
    exported: { name: 'duotel.exporter.sentry.exported', unit: '{envelope}', description: EXPORTED },
    inflight: { name: 'duotel.exporter.sentry.inflight', unit: '{envelope}', description: INFLIGHT },
  },
};

const SENT_BYTES: Words = {
  name: 'duotel.exporter.sent',
  unit: 'By',
  description: 'Encoded bytes the destination accepted, before compression.',
};
const FILTERED: Words = {
  name: 'duotel.exporter.filtered',
  unit: '{item}',
  description: "Items the destination's own ratio or filter, or a limit of log records, left out.",
};
const TAIL: Words = {
  name: 'duotel.tail.spans',
  unit: '{span}',
  description: 'Spans tail sampling has decided about.',
};
const HELD: Words = {
  name: 'duotel.tail.held',
  unit: '{span}',
  description: 'Spans tail sampling has not decided about yet.',
};
const QUEUED_BYTES: Words = {
  name: 'duotel.exporter.queued',
  unit: 'By',
  description: 'Encoded bytes that wait or are under way.',
};
const NOTICES: Words = {
  name: 'duotel.notices',
  unit: '{notice}',
  description: 'How often each coded message was raised, printed or not.',
};
const REDACTIONS: Words = {
  name: 'duotel.redactions',
  unit: '{secret}',
  description: 'Secrets taken out of what leaves, by what they were told by.',
};

/** Makes these metrics, one call after the other for one run. */
export class SelfMetrics {
  readonly #startTime: HrTime = hrTime();
  /** The same object for the same series on every snapshot: pages remember how they rendered it. */
  readonly #attributes = new Map<string, Attributes>();

  /** Empty before anything was to be sent. */
  snapshot(sources: readonly SelfMetricsSource[], tail?: TailSource): MetricData[] {
    const used = [...sources.entries()].filter(([, { stats }]) => stats.madeItems + stats.filteredItems > 0);
    const isTailUsed = tail !== undefined && tail.keptSpans + tail.droppedSpans + tail.heldSpans > 0;
    if (used.length === 0 && !isTailUsed) return [];
    const sums = new Sums([this.#startTime, hrTime()]);
    if (isTailUsed) this.#describeTail(sums, tail);
    for (const [index, source] of used) this.#describe(sums, source, index);
    for (const [code, count] of Object.entries(noticeCounts()))
      sums.counter(NOTICES, this.#series(code, { 'duotel.notice.code': code }), count);
    for (const [kind, count] of Object.entries(redactionCounts()))
      sums.counter(REDACTIONS, this.#series(`redaction ${kind}`, { 'duotel.redaction.kind': kind }), count);
    return sums.metrics();
  }

  #describe(sums: Sums, { stats, isJson }: SelfMetricsSource, index: number): void {
    const { exporter, exported, inflight } = ITEMS[stats.signal];
    const type = stats.signal === 'sentry' ? exporter : `otlp_http_${isJson ? 'json_' : ''}${exporter}`;
    const name = `${type}/${index}`;
    const component = { 'otel.component.type': type, 'otel.component.name': name, ...addressOf(stats.url) };
    const attributes = this.#series(name, component);
    sums.counter(exported, attributes, stats.sentItems);
    for (const [reason, items] of Object.entries(stats.droppedItems)) {
      if (items === 0) continue;
      sums.counter(exported, this.#series(`${name} ${reason}`, { ...component, 'error.type': reason }), items);
    }
    if (stats.filteredItems > 0) sums.counter(FILTERED, attributes, stats.filteredItems);
    sums.upDownCounter(inflight, attributes, stats.queuedItems);
    sums.counter(SENT_BYTES, attributes, stats.sentBytes);
    sums.upDownCounter(QUEUED_BYTES, attributes, stats.queuedBytes);
  }

  #describeTail(sums: Sums, { keptSpans, droppedSpans, heldSpans }: TailSource): void {
    sums.counter(TAIL, this.#series('tail keep', { 'duotel.tail.decision': 'keep' }), keptSpans);
    sums.counter(TAIL, this.#series('tail drop', { 'duotel.tail.decision': 'drop' }), droppedSpans);
    sums.upDownCounter(HELD, this.#series('tail', {}), heldSpans);
  }

  #series(key: string, attributes: Attributes): Attributes {
    const known = this.#attributes.get(key) ?? attributes;
    this.#attributes.set(key, known);
    return known;
  }
}

function addressOf(url: string): Attributes {
  if (!URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return { 'server.address': hostname, 'server.port': Number(port) || (protocol === 'https:' ? 443 : 80) };
}

/** Sums of one snapshot, by name. */
class Sums {
  readonly #startTime: HrTime;
  readonly #endTime: HrTime;
  readonly #byName = new Map<string, SumMetricData>();

  constructor([startTime, endTime]: readonly [HrTime, HrTime]) {
    this.#startTime = startTime;
    this.#endTime = endTime;
  }

  counter(words: Words, attributes: Attributes, value: number): void {
    this.#add(words, true, attributes, value);
  }

  upDownCounter(words: Words, attributes: Attributes, value: number): void {
    this.#add(words, false, attributes, value);
  }

  metrics(): MetricData[] {
    return [...this.#byName.values()];
  }

  #add(words: Words, isMonotonic: boolean, attributes: Attributes, value: number): void {
    const metric: SumMetricData = this.#byName.get(words.name) ?? {
      descriptor: { ...words, valueType: ValueType.INT },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      isMonotonic,
      dataPoints: [],
    };
    metric.dataPoints.push({ startTime: this.#startTime, endTime: this.#endTime, attributes, value });
    this.#byName.set(words.name, metric);
  }
}
