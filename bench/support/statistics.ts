/**
 * The few order statistics the benches compare with.
 *
 * Low percentiles repeat on a shared machine, means do not: noise only ever adds.
 */

/** The value below which `share` (0 to 1) of the samples lie; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function lowerQuartile(samples: readonly number[]): number {
  return percentile(samples, 0.25);
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** Median of the differences sample by sample: both lists were taken in the same rounds. */
export function pairedDifference(samples: readonly number[], control: readonly number[]): number {
  const length = Math.min(samples.length, control.length);
  return median(Array.from({ length }, (_, index) => (samples[index] ?? 0) - (control[index] ?? 0)));
}

/** `1.23`, `12.3`, `123`: three digits say all that the noise leaves. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
