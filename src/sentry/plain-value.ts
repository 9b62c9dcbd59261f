/**
 * Attribute values as JSON has them.
 *
 * Layer: sentry.
 */
import type { Attributes } from '@opentelemetry/api';

/** Deeper values are rare, and cut by no limit of the SDK. */
const MAX_DEPTH = 6;

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** All attributes, whatever they hold. */
export function plainAttributes(attributes: Attributes): Record<string, Plain> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, plainValue(value)]));
}

/** Bytes become base64, what JSON does not know becomes text or `null`. */
export function plainValue(value: unknown, depth: number = 0): Plain {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((each) => plainValue(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each, depth + 1)]));
}
