/**
 * The two shapes of a synchronous instrument, for what stands in front of the SDK's.
 *
 * Layer: metrics.
 */
import type { Context, MetricAttributes } from '@opentelemetry/api';

/** A histogram or a gauge. */
export interface Recorder {
  record(value: number, attributes?: MetricAttributes, context?: Context): void;
}

/** A counter or an up-down counter. */
export interface Adder {
  add(value: number, attributes?: MetricAttributes, context?: Context): void;
}
