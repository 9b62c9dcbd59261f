/**
 * Time as the SDK writes it.
 *
 * Layer: metrics.
 */
import type { HrTime } from '@opentelemetry/api';

/** Seconds and nanoseconds of milliseconds since the Unix epoch. */
export function toHrTime(epochMillis: number): HrTime {
  const seconds = Math.trunc(epochMillis / 1000);
  return [seconds, Math.round((epochMillis - seconds * 1000) * 1e6)];
}
