/**
 * Bounds of the metric store.
 *
 * Layer: metrics.
 */

/** Bounds of all instruments; a view with `aggregationCardinalityLimit` overrides the one for its instruments. */
export interface StoreLimits {
  /** Most series of one instrument, its overflow included. */
  readonly seriesPerInstrument: number;
  /** Most series of all instruments together, overflows not counted. */
  readonly totalSeries: number;
  /** Number of values each of these attributes keeps in one instrument; all later values become `other`. */
  readonly firstValues: ReadonlyMap<string, number>;
  /** How long a series may be idle before it is forgotten; `undefined` = for ever. */
  readonly expireAfterMillis: number | undefined;
}

/** Source of the first number: OpenTelemetry specification, "Cardinality limits". */
export const DEFAULT_LIMITS: StoreLimits = {
  seriesPerInstrument: 2_000,
  totalSeries: 10_000,
  firstValues: new Map(),
  expireAfterMillis: undefined,
};
