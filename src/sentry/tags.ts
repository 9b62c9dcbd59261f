/**
 * Tags in the form Sentry takes; what is not, it drops from the event with a complaint in its interface.
 *
 * Layer: sentry. Source: docs.sentry.io, “Customize Tags”.
 */
import type { Scalar } from '../core/readable-part.ts';

const MAX_KEY_LENGTH = 32;
const MAX_VALUE_LENGTH = 200;

/** Keys of letters, digits and `_ . : -`, values of one line; both cut to what fits. Empty ones are left out. */
export function toTags(tags: Readonly<Record<string, Scalar>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) {
    const key = name.replaceAll(/[^\w.:-]/g, '_').slice(0, MAX_KEY_LENGTH);
    const text = String(value)
      .slice(0, MAX_VALUE_LENGTH)
      .replaceAll(/[\r\n]+/g, ' ')
      .trim();
    if (key !== '' && text !== '') kept[key] = text;
  }
  return kept;
}
