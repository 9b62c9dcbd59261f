/**
 * Limits of spans, their events and links, and log records.
 *
 * Layer: config.
 */
import { limit } from '../kinds.ts';
import type { DefaultedVariable, Section, Variable } from '../variable.ts';

function countLimit(name: string, what: string, section: Section): DefaultedVariable<number> {
  return {
    name,
    section,
    kind: limit,
    default: '128',
    description: `Most ${what}; the rest is dropped and counted.`,
    source: 'otel-env',
  };
}

function lengthLimit(name: string, what: string, section: Section): Variable<number> {
  return {
    name,
    section,
    kind: limit,
    description: `Longest text of an attribute ${what}, in characters; longer ones are cut. Unset: no limit.`,
    source: 'otel-env',
  };
}

export const OTEL_ATTRIBUTE_COUNT_LIMIT: DefaultedVariable<number> = countLimit(
  'OTEL_ATTRIBUTE_COUNT_LIMIT',
  'attributes of a span or log record',
  'General',
);
export const OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: Variable<number> = lengthLimit(
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'of a span or log record',
  'General',
);

/** A limit that falls back on another variable has no default of its own. */
function fallingBack(variable: Variable<number>, fallback: string): Variable<number> {
  const { default: _, ...rest } = variable;
  return { ...rest, description: `${variable.description.replace(' Unset: no limit.', '')} Unset: ${fallback}.` };
}

export const OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: Variable<number> = fallingBack(
  countLimit('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'attributes of a span', 'Traces'),
  'OTEL_ATTRIBUTE_COUNT_LIMIT',
);
export const OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: Variable<number> = fallingBack(
  lengthLimit('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'of a span', 'Traces'),
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
);
export const OTEL_SPAN_EVENT_COUNT_LIMIT: DefaultedVariable<number> = countLimit(
  'OTEL_SPAN_EVENT_COUNT_LIMIT',
  'events of a span',
  'Traces',
);
export const OTEL_SPAN_LINK_COUNT_LIMIT: DefaultedVariable<number> = countLimit(
  'OTEL_SPAN_LINK_COUNT_LIMIT',
  'links of a span',
  'Traces',
);
export const OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: DefaultedVariable<number> = countLimit(
  'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
  'attributes of an event',
  'Traces',
);
export const OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: DefaultedVariable<number> = countLimit(
  'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
  'attributes of a link',
  'Traces',
);
export const OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: Variable<number> = fallingBack(
  countLimit('OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'attributes of a log record', 'Logs'),
  'OTEL_ATTRIBUTE_COUNT_LIMIT',
);
export const OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: Variable<number> = fallingBack(
  lengthLimit('OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'of a log record', 'Logs'),
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
);

export const LIMIT_VARIABLES: readonly Variable[] = [
  OTEL_ATTRIBUTE_COUNT_LIMIT,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT,
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT,
  OTEL_SPAN_EVENT_COUNT_LIMIT,
  OTEL_SPAN_LINK_COUNT_LIMIT,
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT,
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT,
];
