/**
 * Which names announce a secret: `user.password`, `apiKey`, `X-API-Key`, but neither `token_count` nor `session.id`.
 *
 * A name is read as words, so that one table serves attributes, headers, environment variables and columns.
 * Layer: core. The table is explained in docs/guides/privacy.md.
 */

/** Names longer than that are data. */
export const MAX_KEY_LENGTH = 128;

const MAX_REMEMBERED = 2_000;

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/).filter(Boolean));
}

/** Words that are secret on their own. */
const SECRET_WORDS: ReadonlySet<string> = wordSet(`
  password passwords passwd passwort pwd passphrase passcode secret secrets credential credentials creds
  authorization cookie cookies token jwt bearer apikey cvv cvc cvv2 ssn otp totp xsrf csrf
`);

/** Secret as the last word only: `user.session`, but not `session.events`; `db_pass`, but not `pass.rate`. */
const SECRET_LAST_WORDS: ReadonlySet<string> = wordSet('session sid auth pass pin sessionid');

/** What makes a `key` a secret. */
const SECRET_KEY_OWNERS: ReadonlySet<string> = wordSet(`
  api access private secret signing encryption encrypt master auth account license ssh deploy subscription
  shared hmac jwt app
`);

/** Endings of words written together: `accesstoken`, `PGPASSWORD`. */
const SECRET_ENDINGS: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'accesskey',
  'privatekey',
  'secretkey',
  'cardnumber',
];

/** What follows a secret word when the value is about the secret, and not the secret. */
const HARMLESS_NEXT: ReadonlySet<string> = wordSet(`
  count counts counter total length len size bytes limit max min budget cost usage used input output prompt
  completion cached rate index position number type kind name names id ids arn version alg algorithm scheme
  method format expires expired expiry expiration ttl age at date time duration ms seconds created updated
  changed rotated previous status state result error reason code valid invalid required enabled disabled
  present exists missing set is has policy strength attempts attempt retries reset provider source issuer
  audience scope scopes url uri endpoint host path file dir domain server service js ts mjs cjs jsx tsx json
  go py rb java rs test spec consent bucket decision role sub claims protection check purpose verified sent
`);

/** What precedes a `token` that is no credential: pages of a list, parts of a text. */
const HARMLESS_TOKEN_OWNERS: ReadonlySet<string> = wordSet(`
  next page continuation pagination sync per max first last cancel cancellation prompt completion input output
  unexpected eos bos pad stop special parser lexer
`);

/**
 * Parameters of URLs that are secret there, and too common a word elsewhere; in lower case. From the semantic
 * conventions, `url.full`, and common use: OAuth 2.0 (RFC 6749), OpenID Connect, SAML, signed URLs.
 */
const SECRET_PARAMETERS: ReadonlySet<string> = wordSet(`
  awsaccesskeyid sig signature x-goog-signature x-amz-credential x-amz-security-token x-amz-signature code key
  session session_id sessionid sid auth otp ticket samlresponse state_token access_token id_token
  refresh_token client_secret code_verifier assertion hmac pass
`);

const known = new Map<string, boolean>();

/** Whether the value under this name is a secret. Never throws; names are remembered up to a bound. */
export function isSecretKey(key: string): boolean {
  if (key.length > MAX_KEY_LENGTH || key.length < 3) return false;
  let isSecret = known.get(key);
  if (isSecret === undefined) {
    isSecret = announcesSecret(wordsOf(key));
    if (known.size === MAX_REMEMBERED) known.clear();
    known.set(key, isSecret);
  }
  return isSecret;
}

/** Whether the value of a query parameter is a secret; the name may be percent-encoded. */
export function isSecretParameter(name: string): boolean {
  if (name.length > MAX_KEY_LENGTH) return false;
  const decoded = name.includes('%') ? decodeName(name) : name;
  return SECRET_PARAMETERS.has(decoded.toLowerCase()) || isSecretKey(decoded);
}

/** The words of a name in lower case: `X-API-Key`, `apiKey` and `api_key` are all `api`, `key`. */
export function wordsOf(key: string): string[] {
  return key
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
}

function announcesSecret(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const next = words[index + 1];
    if (next !== undefined && HARMLESS_NEXT.has(next)) return false;
    const owner = words[index - 1] ?? '';
    if (word === 'key' || word === 'keys') return SECRET_KEY_OWNERS.has(owner);
    if (word === 'number') return owner === 'card';
    if (word === 'token') return !HARMLESS_TOKEN_OWNERS.has(owner);
    if (next === undefined && SECRET_LAST_WORDS.has(word)) return true;
    return SECRET_WORDS.has(word) || endsSecret(word);
  });
}

/** Digits at the end number things: `password2`. */
function endsSecret(word: string): boolean {
  const base = word.replace(/\d{1,3}$/, '');
  return base.length >= 6 && SECRET_ENDINGS.some((ending) => base.endsWith(ending));
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
