/**
 * User and password in addresses: `postgres://app:hunter2@db/shop`.
 *
 * Layer: core. Source: RFC 3986 §3.2.1.
 */
import { isDigit } from './characters.ts';
import type { Scan } from './secret-tokens.ts';

/** Longest part before the `@` that is looked for. */
const MAX_USERINFO = 512;

/** What says nothing in addresses without a password, or stands for one already. */
const HARMLESS_USERS: readonly string[] = ['git', 'hg', 'REDACTED', '[secret]'];

const SLASH = 47;
const AT_SIGN = 64;

/** What stands between the `//` of an address and the `@` at `at`, or a later one: passwords have that, too. */
export function findUserinfo(text: string, at: number, scan: Scan): boolean {
  const from = userinfoBegin(text, at);
  if (from < 0 || !isUserinfo(text, from, at)) return false;
  let to = at;
  for (let index = at + 1; index - from < MAX_USERINFO && index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === AT_SIGN) to = index;
    // /, ?, #
    else if (code === SLASH || code === 63 || code === 35 || isOutside(code)) break;
  }
  if (HARMLESS_USERS.includes(text.slice(from, to))) return false;
  scan.from = from;
  scan.to = to;
  return true;
}

/** Where the authority begins that the `@` may be in; -1 outside of addresses. An earlier `@` has been looked at. */
function userinfoBegin(text: string, at: number): number {
  const limit = Math.max(2, at - MAX_USERINFO);
  for (let index = at - 1; index > limit; index -= 1) {
    const code = text.charCodeAt(index);
    if (code === AT_SIGN || isOutside(code)) return -1;
    if (code === SLASH && text.startsWith('://', index - 2)) return index + 1;
  }
  return -1;
}

/** With a slash in between it is a path, unless what follows the colon cannot be a port: a password with a slash. */
function isUserinfo(text: string, from: number, at: number): boolean {
  if (from === at) return false;
  const part = text.slice(from, at);
  const path = part.search(/[/?#]/);
  if (path < 0) return true;
  const colon = part.indexOf(':');
  return colon >= 0 && colon < path && part[path] === '/' && !isDigit(part, colon + 1);
}

/** Blanks, quotes, pointed brackets: no address has them. */
function isOutside(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 96;
}
