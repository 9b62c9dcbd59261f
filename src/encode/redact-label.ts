/**
 * Redaction of the attributes of metrics: as labels of a page, and in the store before they become a series.
 *
 * Layer: encode. Loaded with the first series, or the first page.
 */
import { type Redactor, REDACTED } from './redact.ts';
import { announcesNext } from './redact-neighbours.ts';

/** The value of an attribute as it may leave; the same one if there is no secret in it. Never throws. */
export function redactValue<T>(redactor: Redactor, key: string, value: T): T | string | unknown[] {
  if (typeof value === 'string') return redactor.text(redactor.treatment(key), key, value);
  if (typeof value === 'number') return redactor.treatment(key) === 'secret' ? REDACTED : value;
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  const isAnnounced = (index: number): boolean => announcesNext(items[index - 1], items.length, redactor);
  const redacted = items.map((item, index) =>
    isAnnounced(index) && typeof item === 'string'
      ? redactor.text('secret', key, item)
      : redactValue(redactor, key, item),
  );
  return redacted.every((item, index) => item === items[index]) ? value : redacted;
}
