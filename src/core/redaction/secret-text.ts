/**
 * Finds and replaces secrets in any text, in one pass and in time that grows with its length only.
 *
 * No regular expression: each kind of secret has a character that is rare elsewhere and without which it cannot be;
 * everything else is stepped over with one look into a table.
 * Layer: core.
 */
import { cardEnd } from './card-numbers.ts';
import { isDigit } from './characters.ts';
import { findEMail } from './e-mail.ts';
import { findEncodedSecret, findFlagSecret, findNamedSecret } from './named-secrets.ts';
import { findCredential, findIssuedKey, findJwt, findNamedKey, findPrivateKey, type Scan } from './secret-tokens.ts';
import { isSecretKey } from './secret-keys.ts';
import { findUserinfo } from './url-credentials.ts';

/** What a secret was told by. */
export type SecretKind = 'named' | 'token' | 'jwt' | 'credential' | 'private-key' | 'url' | 'card' | 'email';

/** Nothing shorter holds a secret and its name. */
const MIN_LENGTH = 6;

const NONE = 0;
const DASH = 1;
const UNDERSCORE = 2;
const EQUALS = 3;
const COLON = 4;
const AT_SIGN = 5;
const NAMED_KEY = 6;
const JWT = 7;
const SCHEME = 8;
const DIGIT = 9;
const PERCENT = 10;

const TRIGGERS = new Uint8Array(128);
const TRIGGER_CHARACTERS: readonly (readonly [characters: string, trigger: number])[] = [
  ['-', DASH],
  ['_', UNDERSCORE],
  ['=', EQUALS],
  [':', COLON],
  ['@', AT_SIGN],
  ['AS', NAMED_KEY],
  ['J', JWT],
  ['Bb', SCHEME],
  ['123456', DIGIT],
  ['%', PERCENT],
];
for (const [characters, trigger] of TRIGGER_CHARACTERS)
  for (const character of characters) TRIGGERS[character.charCodeAt(0)] = trigger;

const scan: Scan = { from: 0, to: 0, barrenTo: 0, isBare: false, isParameter: false, isSecretKey };

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
  scan.isSecretKey = rules.isSecretKey;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) continue;
    const trigger = TRIGGERS[code] as number;
    // Every card begins with a digit, but most digits are not the first of theirs.
    if (trigger === NONE || (trigger === DIGIT && isDigit(text, at - 1))) continue;
    if (trigger === AT_SIGN && !rules.findsEMails) continue;
    const kind = look(text, at, trigger);
    if (kind === undefined || scan.from < copied) continue;
    result += text.slice(copied, scan.from) + replacementOf(kind, rules);
    copied = scan.to;
    at = copied - 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function replacementOf(kind: SecretKind, { replacement }: TextRules): string {
  const text = replacement(kind);
  if (!scan.isBare) return text;
  scan.isBare = false;
  return `"${text}"`;
}

function look(text: string, at: number, trigger: number): SecretKind | undefined {
  switch (trigger) {
    case DASH:
      if (findIssuedKey(text, at, scan)) return 'token';
      if (text.charCodeAt(at + 1) === 45 && findPrivateKey(text, at, scan)) return 'private-key';
      return findFlagSecret(text, at, scan) ? 'named' : undefined;
    case UNDERSCORE:
      return findIssuedKey(text, at, scan) ? 'token' : undefined;
    case EQUALS:
      return namedKind(text, at);
    case COLON:
      if (text.charCodeAt(at + 1) === 47 && text.charCodeAt(at + 2) === 47)
        return findUserinfo(text, at, scan) ? 'url' : undefined;
      return namedKind(text, at);
    case AT_SIGN:
      return findEMail(text, at, scan) ? 'email' : undefined;
    case NAMED_KEY:
      return findNamedKey(text, at, scan) ? 'token' : undefined;
    case JWT:
      return findJwt(text, at, scan) ? 'jwt' : undefined;
    case DIGIT:
      scan.from = at;
      scan.to = cardEnd(text, at);
      return scan.to < 0 ? undefined : 'card';
    case SCHEME:
      return findCredential(text, at, scan) ? 'credential' : undefined;
    default:
      return findEncodedSecret(text, at, scan) ? 'named' : undefined;
  }
}

/** What stands in an address has to stay one. */
function namedKind(text: string, at: number): SecretKind | undefined {
  if (!findNamedSecret(text, at, scan)) return undefined;
  return scan.isParameter ? 'url' : 'named';
}
