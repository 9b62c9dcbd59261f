/**
 * Attributes of measurements as metrics can take them.
 *
 * The SDK keeps the caller's object as identity of the series, and throws into the caller for what JSON cannot hold
 * (`{ id: 10n }`, cycles, `null`). A copy of the valid part keeps both away from the application.
 * Layer: metrics.
 */
import type { MetricAttributes } from '@opentelemetry/api';

/** A value an attribute of a metric may have. */
export type AttributeValue = Scalar | readonly (Scalar | null)[];

type Scalar = string | number | boolean;

/**
 * A copy with the attributes a metric may have: texts, numbers, booleans, and arrays of them; a BigInt becomes text.
 *
 * Everything else is left out, as the specification asks for invalid values.
 */
export function copyAttributes(attributes: MetricAttributes | undefined): MetricAttributes {
  const copy: MetricAttributes = {};
  if (typeof attributes !== 'object' || attributes === null) return copy;
  for (const key of Object.keys(attributes)) {
    const value = validValue(attributes[key]);
    if (value !== undefined && key !== '') copy[key] = value;
  }
  return copy;
}

/** The value as it is kept, arrays copied; `undefined` if it is none of those an attribute may have. */
export function validValue(value: unknown): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    default:
      return Array.isArray(value) && value.every(isElement) ? [...value] : undefined;
  }
}

function isElement(value: unknown): value is Scalar | null {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
