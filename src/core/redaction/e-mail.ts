/**
 * E-mail addresses.
 *
 * Layer: core. Source: RFC 5321 §4.5.3.1 (lengths); the common subset of its syntax.
 */
import { isAlphanumeric, isTokenCharacter } from './characters.ts';
import type { Scan } from './secret-tokens.ts';

const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;

/** The address around the `@` at `at`. */
export function findEMail(text: string, at: number, scan: Scan): boolean {
  let from = at;
  while (from > 0 && at - from < MAX_LOCAL && isLocalCharacter(text, from - 1)) from -= 1;
  if (from === at || !isAlphanumeric(text, at + 1)) return false;
  let to = at + 1;
  let lastDot = -1;
  for (; to - at < MAX_DOMAIN; to += 1) {
    if (text[to] === '.') {
      if (!isAlphanumeric(text, to + 1)) break;
      lastDot = to;
    } else if (!isTokenCharacter(text, to)) break;
  }
  if (lastDot < 0 || to - lastDot < 3) return false;
  scan.from = from;
  scan.to = to;
  return true;
}

function isLocalCharacter(text: string, at: number): boolean {
  return isTokenCharacter(text, at) || '.+%'.includes(text[at] ?? ' ');
}
