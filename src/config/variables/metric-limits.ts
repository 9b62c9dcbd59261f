/**
 * Variables that bound what metrics may take in memory.
 *
 * The words are those of the specification, "Cardinality limits"; it has no variables of its own for them.
 * Layer: config.
 */
import { count, countsByName, millis } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

export const DUOTEL_METRICS_CARDINALITY_LIMIT: DefaultedVariable<number> = {
  name: 'DUOTEL_METRICS_CARDINALITY_LIMIT',
  section: 'Metrics',
  kind: count,
  default: '2000',
  description:
    'Most attribute sets of one instrument, for as long as the process lives; the rest is counted in one series with `otel.metric.overflow=true`. A view with `aggregationCardinalityLimit` overrides it for its instruments.',
  source: 'duotel',
};

export const DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT: DefaultedVariable<number> = {
  name: 'DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT',
  section: 'Metrics',
  kind: count,
  default: '10000',
  description: 'Most attribute sets of all instruments together.',
  source: 'duotel',
};

export const DUOTEL_METRICS_FIRST_VALUES: Variable<ReadonlyMap<string, number>> = {
  name: 'DUOTEL_METRICS_FIRST_VALUES',
  section: 'Metrics',
  kind: countsByName,
  description:
    'Attributes that keep their first values for good and call every later one `other`, for example `user.id=100,api_key_id=50`; counted for each instrument.',
  source: 'duotel',
};

export const DUOTEL_METRICS_EXPIRE_AFTER: Variable<number> = {
  name: 'DUOTEL_METRICS_EXPIRE_AFTER',
  section: 'Metrics',
  kind: millis,
  description:
    'Time after which a series nobody records is forgotten, in milliseconds. A counter that comes back starts again with a new start time; an up-down counter is forgotten at zero only. Unset: never.',
  source: 'duotel',
};

export const METRIC_LIMIT_VARIABLES: readonly Variable[] = [
  DUOTEL_METRICS_CARDINALITY_LIMIT,
  DUOTEL_METRICS_TOTAL_CARDINALITY_LIMIT,
  DUOTEL_METRICS_FIRST_VALUES,
  DUOTEL_METRICS_EXPIRE_AFTER,
];
