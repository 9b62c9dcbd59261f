/**
 * Classes of characters the scanners of secrets ask for, as one table.
 *
 * Layer: core.
 */

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
/** `-` and `_`, which beside letters and digits make tokens. */
const JOINER = 8;
/** `+ / = . ~`, which base64 and URLs add to them. */
const TOKEN68 = 16;
const SPACE = 32;
const QUOTE = 64;

const CLASSES = new Uint8Array(128);
const mark = (characters: string, mask: number): void => {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = mask;
};
mark('0123456789', DIGIT);
mark('abcdefghijklmnopqrstuvwxyz', LOWER);
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', UPPER);
mark('-_', JOINER);
mark('+/=.~', TOKEN68);
mark(' \t\r\n', SPACE);
mark('"\'`', QUOTE);

/** The class of the character at `at`; none outside the text and of ASCII. */
function classAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (CLASSES[code] as number) : 0;
}

export function isDigit(text: string, at: number): boolean {
  return classAt(text, at) === DIGIT;
}

export function isAlphanumeric(text: string, at: number): boolean {
  return (classAt(text, at) & (DIGIT | LOWER | UPPER)) !== 0;
}

/** Letters, digits, `-`, `_`. */
export function isTokenCharacter(text: string, at: number): boolean {
  return (classAt(text, at) & (DIGIT | LOWER | UPPER | JOINER)) !== 0;
}

/** Those of `token68`, RFC 9110 §11.2. */
export function isCredentialCharacter(text: string, at: number): boolean {
  return (classAt(text, at) & (DIGIT | LOWER | UPPER | JOINER | TOKEN68)) !== 0;
}

export function isSpace(text: string, at: number): boolean {
  return classAt(text, at) === SPACE;
}

export function isQuote(text: string, at: number): boolean {
  return classAt(text, at) === QUOTE;
}

/** How far one look ahead goes that may come to nothing; keeps scanning linear. */
export const LOOK_AHEAD = 64;

/**
 * Whether the characters from `from` to `to` look made by a machine: a digit, a capital after the first character
 * beside small letters, or what only base64 has. Looks at the first ones only.
 */
export function looksRandom(text: string, from: number, to: number): boolean {
  const end = Math.min(to, from + LOOK_AHEAD);
  let seen = 0;
  for (let at = from; at < end; at += 1) {
    const found = classAt(text, at);
    if (found === DIGIT || (found === TOKEN68 && text.charCodeAt(at) !== 46)) return true;
    if (found !== UPPER || at > from) seen |= found;
  }
  return (seen & UPPER) !== 0 && (seen & LOWER) !== 0;
}

/**
 * Whether a word can begin at `at`: nothing before it, no letter or digit, or the end of an escape (`%3D`, `\n`).
 */
export function isWordStart(text: string, at: number): boolean {
  if (at === 0 || !isAlphanumeric(text, at - 1)) return true;
  return text.charCodeAt(at - 3) === 37 || text.charCodeAt(at - 2) === 92;
}

/** Whether a percent sign and two hexadecimal digits stand for a character here. */
export function isEscape(text: string, at: number): boolean {
  return text.charCodeAt(at) === 37 && isHexDigit(text.charCodeAt(at + 1)) && isHexDigit(text.charCodeAt(at + 2));
}

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 102);
}
