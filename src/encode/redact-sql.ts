/**
 * Literals of SQL statements, which are data of people more often than not, become `?`.
 *
 * Layer: encode. Source: semantic conventions, "Sanitization of `db.query.text`".
 */
import { isAlphanumeric, isDigit } from '../core/redaction/characters.ts';

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const DOLLAR = 36;
const BACKSLASH = 92;

/** The statement with `?` for texts and numbers; placeholders (`$1`, `:id`), names and comments stay. One pass. */
export function redactSql(statement: string, onFound: () => void): string {
  let result = '';
  let copied = 0;
  for (let at = 0; at < statement.length; at += 1) {
    const end = literalEnd(statement, at);
    if (end < 0) continue;
    if (end > at) {
      result += `${statement.slice(copied, at)}?`;
      copied = end;
      onFound();
    }
    at = end - 1;
  }
  return copied === 0 ? statement : result + statement.slice(copied);
}

/** End of the literal that begins at `at`; -1 if none does. */
function literalEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === QUOTE) return quotedEnd(text, at);
  if (code === DOUBLE_QUOTE) return isValuePlace(text, at) ? quotedEnd(text, at) : -1;
  if (code === DOLLAR) return dollarEnd(text, at);
  if (isDigit(text, at) && !continuesName(text, at)) return numberEnd(text, at);
  return -1;
}

function quotedEnd(text: string, open: number): number {
  const quote = text.charCodeAt(open);
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === quote) {
      // A doubled quote is one in the text.
      if (text.charCodeAt(at + 1) !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
}

/** Double quotes hold names in SQL; where a value is compared or assigned, MySQL's texts. */
function isValuePlace(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === ' ') before -= 1;
  return '=<>'.includes(text[before] ?? ' ');
}

/** PostgreSQL's `$$…$$` and `$tag$…$tag$`. */
function dollarEnd(text: string, at: number): number {
  let end = at + 1;
  while (end - at < 64 && isAlphanumeric(text, end)) end += 1;
  if (text.charCodeAt(end) !== DOLLAR || isDigit(text, at + 1)) return -1;
  const tag = text.slice(at, end + 1);
  const close = text.indexOf(tag, end + 1);
  return close < 0 ? text.length : close + tag.length;
}

function continuesName(text: string, at: number): boolean {
  const before = text[at - 1] ?? ' ';
  return isAlphanumeric(text, at - 1) || '_$:@."`'.includes(before);
}

function numberEnd(text: string, at: number): number {
  let end = at + 1;
  while (isAlphanumeric(text, end) || (text[end] === '.' && isDigit(text, end + 1))) end += 1;
  return end;
}
