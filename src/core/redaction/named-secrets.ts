/**
 * Secrets a text gives away by the name before them: `password=…`, `"apiKey": "…"`, `Cookie: …`, `--token …`, `?sig=…`.
 *
 * Layer: core. Looks back no further than a name is long, and ahead no further than the value it finds.
 */
import { isAlphanumeric, isDigit, isQuote, isSpace, isTokenCharacter, LOOK_AHEAD, looksRandom } from './characters.ts';
import { isSecretParameter, MAX_KEY_LENGTH } from './secret-keys.ts';
import type { Scan } from './secret-tokens.ts';
import { afterScheme, isScheme, lineEnd, PARAMETER_END, scanTo, take, takeValue } from './secret-values.ts';

const EQUALS = 61;
const COLON = 58;
const BACKSLASH = 92;
const DASH = 45;

/** What a name is made of, beside letters, digits, `-` and `_`. */
const NAME_EXTRAS = '.$[]';

/** Headers whose value is a whole line. */
const LINE_HEADERS: readonly string[] = ['cookie', 'authorization'];

/** The value behind the `=` or `:` at `at`, if the name before it announces a secret. */
export function findNamedSecret(text: string, at: number, scan: Scan): boolean {
  const isColon = text.charCodeAt(at) === COLON;
  let nameEnd = at;
  if (isSpace(text, nameEnd - 1)) nameEnd -= 1;
  let isQuoted = false;
  while (nameEnd > 0 && (isQuote(text, nameEnd - 1) || text.charCodeAt(nameEnd - 1) === BACKSLASH)) {
    nameEnd -= 1;
    isQuoted = true;
    if (at - nameEnd > 8) return false;
  }
  if (!isAlphanumeric(text, nameEnd - 1) && text[nameEnd - 1] !== ']') return false;
  const from = nameBegin(text, nameEnd);
  if (nameEnd - from < 3) return false;
  const name = text.slice(from, nameEnd);
  const before = text[from - 1];
  const isParameter = !isColon && !isQuoted && (before === '?' || before === '&');
  scan.isParameter = isParameter;
  let begin = at + 1;
  if (!scan.isSecretKey(name) && !(isParameter && isSecretParameter(name))) {
    if (!isColon || !PAIR_NAMES.has(name)) return false;
    return findPairSecret(text, begin + (text[begin] === ' ' ? 1 : 0), scan);
  }
  if (isParameter) return take(text, begin, scanTo(text, begin, PARAMETER_END), scan);
  // `==`, `=>`; an arrow separates like a colon, a comparison does not.
  if (text.charCodeAt(begin) === EQUALS) return false;
  if (text[begin] === '>') begin += 1;
  while (begin - at < 4 && (text[begin] === ' ' || text[begin] === '\t')) begin += 1;
  // Part of a name in pieces, such as `arn:aws:secretsmanager:…:secret:db`.
  if (isColon && before === ':' && begin === at + 1) return false;
  if (isColon && !isQuoted) return takeProse(text, { name, begin, colon: at }, scan);
  if (!takeValue(text, begin, scan)) return false;
  scan.isBare = isColon && text[nameEnd] === '"' && scan.from === begin;
  return true;
}

/** The value behind the `%3D` or `%3A` at `at`. */
export function findEncodedSecret(text: string, at: number, scan: Scan): boolean {
  const last = text.charCodeAt(at + 2) | 32;
  if (text.charCodeAt(at + 1) !== 51 || (last !== 97 && last !== 100)) return false;
  let nameEnd = at;
  while (nameEnd >= 3 && text.startsWith('%22', nameEnd - 3)) nameEnd -= 3;
  const nameFrom = nameBegin(text, nameEnd);
  // The two digits of an escape before the name are no part of it.
  const from = text.charCodeAt(nameFrom - 1) === 37 ? nameFrom + 2 : nameFrom;
  if (!scan.isSecretKey(text.slice(from, nameEnd))) return false;
  let begin = at + 3;
  while (text.startsWith('%22', begin) || text.startsWith('%20', begin)) begin += 3;
  let end = begin;
  while (isTokenCharacter(text, end) || (text.charCodeAt(end) === 37 && !endsEncodedValue(text, end))) end += 1;
  return take(text, begin, end, scan);
}

/** `%26`, `%22`, `%2C`, `%7D`: an encoded `&`, quote, comma or brace. */
function endsEncodedValue(text: string, at: number): boolean {
  const code = text.slice(at + 1, at + 3).toUpperCase();
  return code === '26' || code === '22' || code === '2C' || code === '7D';
}

/** The value behind a `--name` whose second dash is at `at`; one behind a `=` is found there. */
export function findFlagSecret(text: string, at: number, scan: Scan): boolean {
  if (text.charCodeAt(at - 1) !== DASH) return false;
  if (at > 1 && !isSpace(text, at - 2) && !isQuote(text, at - 2)) return false;
  let end = at + 1;
  while (end - at < LOOK_AHEAD && isNameCharacter(text, end)) end += 1;
  if (text[end] === '=' || !scan.isSecretKey(text.slice(at + 1, end))) return false;
  // `--password x`, and as an item of a list in a text: `"--password","x"`.
  let begin = end;
  while (begin - end < 6 && (text[begin] === ' ' || text[begin] === ',' || (isQuote(text, begin) && begin === end)))
    begin += 1;
  if (begin === end || text.charCodeAt(begin) === DASH) return false;
  return takeValue(text, begin, scan);
}

/** What a pair calls its name, and what comes before its value. */
const PAIR_NAMES: ReadonlySet<string> = new Set(['name', 'key']);
const PAIR_VALUE = /^\\{0,3}["']\s?,\s?\\{0,3}["']?value\\{0,3}["']?\s?:\s?/;

/** The value of `"name":"password","value":"x"`, whose first value begins at `begin`. */
function findPairSecret(text: string, begin: number, scan: Scan): boolean {
  let from = begin;
  while (from - begin < 4 && (isQuote(text, from) || text.charCodeAt(from) === BACKSLASH)) from += 1;
  let end = from;
  while (end - from < LOOK_AHEAD && isNameCharacter(text, end)) end += 1;
  if (!scan.isSecretKey(text.slice(from, end))) return false;
  const between = PAIR_VALUE.exec(text.slice(end, end + 24));
  return between !== null && takeValue(text, end + between[0].length, scan);
}

function nameBegin(text: string, end: number): number {
  let from = end;
  while (from > 0 && end - from <= MAX_KEY_LENGTH && isNameCharacter(text, from - 1)) from -= 1;
  return from;
}

function isNameCharacter(text: string, at: number): boolean {
  return isTokenCharacter(text, at) || NAME_EXTRAS.includes(text[at] ?? ' ');
}

interface Prose {
  readonly name: string;
  readonly begin: number;
  readonly colon: number;
}

/** After `name:` without quotes there may be a header, a value, or the rest of a sentence (`Invalid token: …`). */
function takeProse(text: string, { name, begin, colon }: Prose, scan: Scan): boolean {
  if (text.startsWith('//', begin)) return false;
  const header = name.toLowerCase();
  if (LINE_HEADERS.some((word) => header.endsWith(word))) {
    if (!isSentence(text, begin) || header.endsWith('cookie'))
      return take(text, afterScheme(text, begin), lineEnd(text, begin), scan);
    return isScheme(text, begin) && take(text, afterScheme(text, begin), lineEnd(text, begin), scan);
  }
  // `token.ts:12:5`, `token:12:5`: a place in a source file.
  if (begin === colon + 1 && isPlace(text, begin)) return false;
  if (begin > colon + 1 && !isQuote(text, begin) && isSentence(text, begin)) return false;
  return takeValue(text, begin, scan);
}

function isPlace(text: string, begin: number): boolean {
  let at = begin;
  while (at - begin < 8 && isDigit(text, at)) at += 1;
  return at > begin && text.charCodeAt(at) === COLON && isDigit(text, at + 1);
}

/** Whether a plain word follows, and another one after it. */
function isSentence(text: string, begin: number): boolean {
  let at = begin;
  while (at - begin < LOOK_AHEAD && isAlphanumeric(text, at) && !isDigit(text, at)) at += 1;
  return at > begin && text[at] === ' ' && isAlphanumeric(text, at + 1) && !looksRandom(text, begin, at);
}
