/**
 * Sentry's own metrics, each measurement on the trace it was made in.
 *
 * Layer: sentry. Loaded with the first measurement. Source: develop.sentry.dev, “Metrics”.
 */
import { degrade } from '../core/guard.ts';
import { redactJson } from '../encode/redact-json.ts';
import type { ItemBatch } from './item-batch.ts';
import type { Surroundings } from './surroundings.ts';
import { typedAttributes } from './typed-attributes.ts';

export type SentryMetricType = 'counter' | 'gauge' | 'distribution';

/** What a measurement says beside its name and value. */
export interface SentryMetricOptions {
  /** In Sentry's words: `millisecond`, `byte`, `percent`, or one of your own, for example `dollar`. */
  readonly unit?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface SentryMeasurement extends SentryMetricOptions {
  readonly type: SentryMetricType;
  readonly name: string;
  readonly value: number;
}

/** Longer ones are refused by Sentry. */
const MAX_NAME_LENGTH = 200;

/** Adds a measurement; one that cannot be used is counted in `status().degraded`. */
export function addMeasurement(batch: ItemBatch, around: Surroundings, measurement: SentryMeasurement): void {
  const { type, name, value, unit, attributes } = measurement;
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH)
    return degrade('sentry.metrics', 'a metric has no usable name');
  if (!Number.isFinite(value)) return degrade('sentry.metrics', `the value of ${name} is no number`);
  const { traceId, spanId } = around.trace();
  batch.add({
    timestamp: around.seconds(),
    trace_id: traceId,
    ...(spanId !== undefined && { span_id: spanId }),
    name,
    type,
    value,
    ...(typeof unit === 'string' && unit !== '' && { unit }),
    attributes: { ...typedAttributes(around.attributes), ...typedAttributes(redactJson(attributes ?? {})) },
  });
}
