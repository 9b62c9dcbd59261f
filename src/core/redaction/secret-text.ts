/**
 * Finds and replaces secrets in any text, in one pass and in time that grows with its length only.
 *
 * No regular expression: each kind of secret has a character that is rare elsewhere and without which it cannot be;
 * everything else is stepped over with one look into a table.
 * Layer: core.
 */
import { cardEnd, FEWEST_CARD_DIGITS } from './card-numbers.ts';
import { isEscape } from './characters.ts';
import { findEMail } from './e-mail.ts';
import { findEncodedSecret, findFlagSecret, findNamedSecret } from './named-secrets.ts';
import {
  endsPrefix,
  findCredential,
  findIssuedKey,
  findJwt,
  findNamedKey,
  findPrivateKey,
  type Scan,
} from './secret-tokens.ts';
import { isSecretKey } from './secret-keys.ts';
import { findUserinfo } from './url-credentials.ts';

/** What a secret was told by. */
export type SecretKind = 'named' | 'token' | 'jwt' | 'credential' | 'private-key' | 'url' | 'card' | 'email';

/** Nothing shorter holds a secret and its name. */
const MIN_LENGTH = 6;

/** Bits of {@link MARKS}: digits, and what may stand within a card number; numbers of other marks are above them. */
const DIGIT = 1;
const IN_CARD = 2;
const DASH = 4;
const UNDERSCORE = 8;
const EQUALS = 12;
const COLON = 16;
const AT_SIGN = 20;
const PERCENT = 24;
const NAMED_KEY = 28;
const JWT = 32;
const SCHEME = 36;

const MARKS = new Uint8Array(128);
const MARKED: readonly (readonly [characters: string, mark: number])[] = [
  ['0123456789', DIGIT | IN_CARD],
  [' ', IN_CARD],
  ['-', DASH | IN_CARD],
  ['_', UNDERSCORE],
  ['=', EQUALS],
  [':', COLON],
  ['@', AT_SIGN],
  ['%', PERCENT],
  ['AS', NAMED_KEY],
  ['J', JWT],
  ['Bb', SCHEME],
];
for (const [characters, mark] of MARKED) for (const character of characters) MARKS[character.charCodeAt(0)] = mark;

const scan: Scan = { from: 0, to: 0, barrenTo: 0, isBare: false, isParameter: false, isSecretKey };

/** Whether the scan came by enough digits for a card. */
let hasDigits = false;

/** What counts as a secret beside what its shape tells, and what is written instead. */
export interface TextRules {
  readonly isSecretKey: (key: string) => boolean;
  /** Whether e-mail addresses are secrets too. */
  readonly findsEMails: boolean;
  /** What is written instead of a secret; called once for each. */
  readonly replacement: (kind: SecretKind) => string;
}

/** The text with every secret in it replaced; the same text if there is none. Throws only what `rules` throws. */
export function replaceSecrets(text: string, rules: TextRules): string {
  const { length } = text;
  if (length < MIN_LENGTH) return text;
  let result = '';
  let copied = 0;
  scan.barrenTo = 0;
  hasDigits = false;
  scan.isSecretKey = rules.isSecretKey;
  for (let at = nextPlace(text, 0); at < length; at = nextPlace(text, at)) {
    const kind = look(text, at, rules);
    if (kind === undefined || scan.from < copied) {
      at += 1;
      continue;
    }
    result += text.slice(copied, scan.from) + replacementOf(kind, rules);
    copied = scan.to;
    at = copied;
  }
  if (copied > 0) result += text.slice(copied);
  else result = text;
  return hasDigits ? replaceCards(result, rules) : result;
}

function replacementOf(kind: SecretKind, { replacement }: TextRules): string {
  const text = replacement(kind);
  if (!scan.isBare) return text;
  scan.isBare = false;
  return `"${text}"`;
}

/**
 * The next place where a secret may be told, from `from` on; the length of the text if there is none.
 *
 * All the time of a clean text is spent here. Therefore digits, the most frequent of what matters, are counted without
 * a branch, and a look at the neighbours comes before any call.
 */
function nextPlace(text: string, from: number): number {
  const { length } = text;
  let run = 0;
  let longest = 0;
  let at = from;
  for (; at < length; at += 1) {
    // Other characters may take the place of these here, which costs a look at them, and nothing else.
    const mark = MARKS[text.charCodeAt(at) & 127] as number;
    run = (run + (mark & DIGIT)) & -((mark & IN_CARD) >> 1);
    // Has a bit above 15 from 14 digits on.
    longest |= run + 16 - FEWEST_CARD_DIGITS;
    if (mark > 3 && isPlausible(text, at, mark & ~3)) break;
  }
  if (longest > 15) hasDigits = true;
  return at;
}

/** Whether the neighbours of a character fit what it may be part of. */
function isPlausible(text: string, at: number, mark: number): boolean {
  if (mark === DASH) return endsPrefix(text, at) || text.charCodeAt(at - 1) === 45;
  if (mark === UNDERSCORE) return endsPrefix(text, at);
  const next = text.charCodeAt(at + 1);
  // Times, ports, and places in files: a digit follows a digit. Before `//` there is no name.
  if (mark === COLON) return next !== 47 && !(isDigitCode(next) && isDigitCode(text.charCodeAt(at - 1)));
  // bea, bas
  if (mark === SCHEME) return (next | 32) === 97 || ((next | 32) === 101 && (text.charCodeAt(at + 2) | 32) === 97);
  // AI, AK, AS, SG
  if (mark === NAMED_KEY) return next === 71 || next === 73 || next === 75 || next === 83;
  // yJ
  return mark !== JWT || text.charCodeAt(at - 1) === 121;
}

function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57;
}

function look(text: string, at: number, { findsEMails }: TextRules): SecretKind | undefined {
  const code = text.charCodeAt(at);
  switch (code > 127 ? 0 : (MARKS[code] as number) & ~3) {
    case DASH:
      if (findIssuedKey(text, at, scan)) return 'token';
      if (findPrivateKey(text, at, scan)) return 'private-key';
      return findFlagSecret(text, at, scan) ? 'named' : undefined;
    case UNDERSCORE:
      return findIssuedKey(text, at, scan) ? 'token' : undefined;
    case AT_SIGN:
      if (findUserinfo(text, at, scan)) return 'url';
      return findsEMails && findEMail(text, at, scan) ? 'email' : undefined;
    case PERCENT:
      return findEncodedSecret(text, at, scan) ? 'named' : undefined;
    case NAMED_KEY:
      return findNamedKey(text, at, scan) ? 'token' : undefined;
    case JWT:
      return findJwt(text, at, scan) ? 'jwt' : undefined;
    case SCHEME:
      return findCredential(text, at, scan) ? 'credential' : undefined;
    case EQUALS:
    case COLON:
      if (!findNamedSecret(text, at, scan)) return undefined;
      // What stands in an address has to stay one.
      return scan.isParameter ? 'url' : 'named';
    default:
      return undefined;
  }
}

/** In a pass of its own, because most texts have too few digits for one. */
function replaceCards(text: string, rules: TextRules): string {
  const { length } = text;
  let result = '';
  let copied = 0;
  for (let at = 0; at < length; at += 1) {
    // The digits of an escape are none of the number behind it.
    while (isEscape(text, at)) at += 3;
    if (!isDigitCode(text.charCodeAt(at))) continue;
    const end = isDigitCode(text.charCodeAt(at + 3)) ? cardEnd(text, at) : -1;
    if (end > 0) {
      result += text.slice(copied, at) + rules.replacement('card');
      copied = end;
    }
    // No card begins within a number.
    while (isDigitCode(text.charCodeAt(at + 1))) at += 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}
