/**
 * Takes secrets out of URLs before they become attributes.
 *
 * Layer: instrument. Source: semantic conventions, `url.full` and `url.query` (userinfo and known signature
 * parameters), and the names under which tokens usually travel.
 */

const REDACTED = 'REDACTED';

/** Query parameters whose value is a secret, in lower case. */
const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  // Named by the semantic conventions.
  'awsaccesskeyid',
  'sig',
  'signature',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
  'x-goog-signature',
  // In common use: API keys, OAuth 2.0 (RFC 6749) and OpenID Connect.
  'access_token',
  'api-key',
  'api_key',
  'apikey',
  'auth',
  'client_secret',
  'code',
  'id_token',
  'jwt',
  'key',
  'passwd',
  'password',
  'pwd',
  'refresh_token',
  'secret',
  'session',
  'token',
]);

/** Matches every query that may hold one of the parameters, and few others: most queries pass with this one test. */
const MAY_BE_SECRET = /sig|key|credential|token|auth|secret|code|jwt|passw|pwd|session|%/i;

/** A query, with or without its `?`, with the values of secret parameters replaced; otherwise as it came. */
export function redactQuery(query: string): string {
  if (!MAY_BE_SECRET.test(query)) return query;
  const start = query.startsWith('?') ? 1 : 0;
  return query.slice(0, start) + query.slice(start).split('&').map(redactPair).join('&');
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0 || equals === pair.length - 1) return pair;
  const name = pair.slice(0, equals);
  return SECRET_PARAMETERS.has(decodeName(name)) ? `${name}=${REDACTED}` : pair;
}

function decodeName(name: string): string {
  if (!name.includes('%')) return name.toLowerCase();
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** A path and its query, with secret parameters replaced. */
export function redactTarget(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? target : target.slice(0, question) + redactQuery(target.slice(question));
}
