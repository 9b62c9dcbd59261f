/**
 * Secrets whose name stands beside them as a value: `['--password', 'x']`, `['Cookie', 'x']`, `{ name, value }`.
 *
 * Layer: encode.
 */
import type { Redactor } from './redact.ts';

/** Names of flags and headers, longer ones are data. */
const MAX_NAME_LENGTH = 64;

/** In lists of raw headers, where other words of the table are as likely to be values. */
const HEADER_NAME = /^(?:cookie|set-cookie|authorization|[a-z\d]+(?:-[a-z\d]+)+)$/i;

/** Whether the item of a list says that the next one is a secret. */
export function announcesNext(item: unknown, listLength: number, redactor: Redactor | undefined): boolean {
  if (redactor === undefined || typeof item !== 'string' || item.length > MAX_NAME_LENGTH || item.length < 3)
    return false;
  if (!item.startsWith('-') && listLength !== 2 && !HEADER_NAME.test(item)) return false;
  return !item.includes('=') && redactor.treatment(item) === 'secret';
}

/** Whether a map is a pair whose `name` (or `key`) says that its `value` is a secret. */
export function isNamedPair(map: object, redactor: Redactor | undefined): boolean {
  if (redactor === undefined) return false;
  const { name, key, value } = map as { readonly name?: unknown; readonly key?: unknown; readonly value?: unknown };
  const announced = name ?? key;
  if (value === undefined || typeof announced !== 'string' || announced.length > MAX_NAME_LENGTH) return false;
  return redactor.treatment(announced) === 'secret';
}
