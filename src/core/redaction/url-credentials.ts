/**
 * User and password in addresses: `postgres://app:hunter2@db/shop`.
 *
 * Layer: core. Source: RFC 3986 §3.2.1.
 */
import { isDigit } from './characters.ts';
import type { Scan } from './secret-tokens.ts';

/** Longest part before the `@` that is looked for. */
const MAX_USERINFO = 512;

/** A user name that says nothing, in addresses without a password. */
const HARMLESS_USERS: readonly string[] = ['git', 'hg'];

/** What stands between the `//` and the `@` of the address whose colon is at `at`. */
export function findUserinfo(text: string, at: number, scan: Scan): boolean {
  const from = at + 3;
  const limit = Math.min(text.length, from + MAX_USERINFO);
  let last = -1;
  let colon = -1;
  let isAuthority = true;
  for (let index = from; index < limit; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 64) last = isAuthority || last < 0 ? index : last;
    else if (code === 58 && colon < 0 && isAuthority) colon = index;
    else if (ends(code)) break;
    else if (code === 47 || code === 63 || code === 35) {
      // A password with a bare `/`: what follows the colon is no port then.
      if (last >= 0 || colon < 0 || isDigit(text, colon + 1) || code !== 47) break;
      if (code === 47 && text.charCodeAt(index + 1) === 47) break;
      isAuthority = false;
    }
  }
  if (last <= from || HARMLESS_USERS.includes(text.slice(from, last))) return false;
  scan.from = from;
  scan.to = last;
  return true;
}

/** Blanks, quotes, brackets, commas: an address has none before its path. */
function ends(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 96 || code === 91;
}
