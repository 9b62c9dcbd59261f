/**
 * How far the value behind a name goes: to its quote, its bracket, or what ends a value without either.
 *
 * Each looks at no more than it takes. Layer: core.
 */
import { isQuote } from './characters.ts';
import type { Scan } from './secret-tokens.ts';

const BACKSLASH = 92;
const NEW_LINE = 10;

/** Ends an unquoted value. */
const VALUE_END: ReadonlySet<string> = new Set(' \t\r\n"\'`&;,)}]<>|'.split(''));
/** Ends the value of a query parameter, which may hold all others. */
export const PARAMETER_END: ReadonlySet<string> = new Set(' \t\r\n"\'`&#<>\\'.split(''));

/** Not worth hiding, and often telling. */
const PLAIN_VALUES: ReadonlySet<string> = new Set([
  'true',
  'false',
  'null',
  'undefined',
  'none',
  'yes',
  'no',
  'NaN',
  '*',
]);

const SCHEME_WORDS: readonly string[] = [
  'bearer',
  'basic',
  'digest',
  'token',
  'apikey',
  'negotiate',
  'aws4-hmac-sha256',
];

/** Whether an HTTP scheme stands there, and something after it. */
export function isScheme(text: string, begin: number): boolean {
  const start = text.slice(begin, begin + 17).toLowerCase();
  return SCHEME_WORDS.some((word) => start.startsWith(`${word} `));
}

/** The scheme itself is no secret, and worth knowing. */
export function afterScheme(text: string, begin: number): number {
  return isScheme(text, begin) ? text.indexOf(' ', begin) + 1 : begin;
}

/** A quoted value up to its quote, a list or map up to its end, anything else up to what ends it. */
export function takeValue(text: string, begin: number, scan: Scan): boolean {
  let open = begin;
  while (open - begin < 4 && text.charCodeAt(open) === BACKSLASH) open += 1;
  if (isQuote(text, open)) return take(text, open + 1, quoteEnd(text, open, open - begin), scan);
  const first = text[begin];
  if (first === '[' || first === '{') return take(text, begin, bracketEnd(text, begin), scan);
  const from = afterScheme(text, begin);
  return take(text, from, scanTo(text, from, VALUE_END), scan);
}

/** The quote that closes the one at `open`: behind as many backslashes, or fewer. */
function quoteEnd(text: string, open: number, backslashes: number): number {
  const quote = text.charCodeAt(open);
  let before = 0;
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote && (backslashes === 0 ? before % 2 === 0 : before <= backslashes))
      return at - (backslashes && before);
    before = code === BACKSLASH ? before + 1 : 0;
  }
  return text.length;
}

function bracketEnd(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const character = text[at];
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (character === '"') {
      at = quoteEnd(text, at, 0);
    }
  }
  return text.length;
}

export function scanTo(text: string, begin: number, ends: ReadonlySet<string>): number {
  let end = begin;
  while (end < text.length && !ends.has(text[end] as string)) end += 1;
  return end;
}

export function take(text: string, from: number, to: number, scan: Scan): boolean {
  if (to <= from) return false;
  if (to - from <= 9 && PLAIN_VALUES.has(text.slice(from, to))) return false;
  if (isReplaced(text, from)) return false;
  scan.from = from;
  scan.to = to;
  return true;
}

/** Whether an earlier place, or whoever wrote the text, has taken the value out. */
function isReplaced(text: string, from: number): boolean {
  const first = text[from];
  if (first === 'R') return text.startsWith('REDACTED', from);
  return first === '[' && (text.startsWith('[redacted', from) || text.startsWith('[secret]', from));
}

/** End of a header: of its line, its quote, or an escape. */
export function lineEnd(text: string, begin: number): number {
  let end = begin;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === NEW_LINE || code === 13 || code === BACKSLASH || isQuote(text, end)) break;
  }
  return end;
}
