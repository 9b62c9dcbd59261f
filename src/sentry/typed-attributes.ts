/**
 * Attributes of Sentry's metrics and logs: each value with its type, bounded.
 *
 * Layer: sentry. Source: develop.sentry.dev, “Telemetry attributes”.
 */

/** More of them, or longer ones, are left out or cut: they are typed by people, and billed by the byte. */
const MAX_ATTRIBUTES = 64;
export const MAX_TEXT_LENGTH = 8192;

export interface TypedValue {
  readonly value: unknown;
  readonly type: 'string' | 'integer' | 'double' | 'boolean' | 'array';
}

/** Values that are no text, number, boolean or list of one of these become text; `null` and `undefined` are left out. */
export function typedAttributes(attributes: object): Record<string, TypedValue> {
  const typed: Record<string, TypedValue> = {};
  let count = 0;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (count === MAX_ATTRIBUTES) break;
    count += 1;
    typed[key] = typedValue(value);
  }
  return typed;
}

function typedValue(value: unknown): TypedValue {
  if (typeof value === 'string') return { value: cutText(value), type: 'string' };
  if (typeof value === 'boolean') return { value, type: 'boolean' };
  if (typeof value === 'number' && Number.isFinite(value))
    return { value, type: Number.isSafeInteger(value) ? 'integer' : 'double' };
  if (Array.isArray(value) && isUniform(value)) return { value: value.slice(0, MAX_ATTRIBUTES), type: 'array' };
  return { value: cutText(asText(value)), type: 'string' };
}

function isUniform(list: readonly unknown[]): boolean {
  const [first] = list;
  return ['string', 'number', 'boolean'].includes(typeof first) && list.every((each) => typeof each === typeof first);
}

/** Anything as text; what refuses, and what has no text, is named by its type. */
export function asText(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text ?? typeof value;
  } catch {
    return typeof value;
  }
}

/** So much of a text as is sent; never half a character. */
export function cutText(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : text.slice(0, MAX_TEXT_LENGTH).toWellFormed();
}
