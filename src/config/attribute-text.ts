/**
 * Makes foreign text fit to be an attribute value.
 *
 * Package files and platform variables are written by others: what they hold is bounded here before it becomes part
 * of every request and of every series.
 * Layer: config.
 */

/** Longest value taken from a file or a platform variable, in characters. */
export const MAX_ATTRIBUTE_LENGTH = 256;

// oxlint-disable-next-line no-control-regex -- removing control characters is the purpose
const CONTROL_CHARACTERS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g;
const IDENTIFIER = /^[A-Za-z0-9][\w.:+-]*$/;

/** Readable text without control characters, bounded; `undefined` for anything that is not text or has none. */
export function toAttributeText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .slice(0, 4 * MAX_ATTRIBUTE_LENGTH)
    .replaceAll(CONTROL_CHARACTERS, ' ')
    .trim();
  return text === '' ? undefined : text.slice(0, MAX_ATTRIBUTE_LENGTH).toWellFormed();
}

/**
 * A platform's identifier (name, region, uid, revision); `undefined` for anything else.
 *
 * Blanks, slashes and `@` are refused, so no path, command line or address can get in through a variable that happens
 * to have the name of a platform's.
 */
export function toIdentifier(value: string | undefined): string | undefined {
  const text = value?.trim();
  if (text === undefined || text.length > MAX_ATTRIBUTE_LENGTH) return undefined;
  return IDENTIFIER.test(text) ? text : undefined;
}
