/**
 * Takes secrets out of URLs before they become attributes.
 *
 * Here, too, and not only where they are encoded: samplers and processors of the user see attributes before that.
 * Layer: instrument. Source: semantic conventions, `url.full` and `url.query`.
 */
import { isSecretParameter } from '../core/redaction/secret-keys.ts';

const REDACTED = 'REDACTED';

/** A query, with or without its `?`, with the values of secret parameters replaced; otherwise as it came. */
export function redactQuery(query: string): string {
  if (!query.includes('=')) return query;
  const start = query.startsWith('?') ? 1 : 0;
  return query.slice(0, start) + query.slice(start).split('&').map(redactPair).join('&');
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=');
  if (equals < 0 || equals === pair.length - 1) return pair;
  const name = pair.slice(0, equals);
  return isSecretParameter(name) ? `${name}=${REDACTED}` : pair;
}

/** A path and its query, with secret parameters replaced. */
export function redactTarget(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? target : target.slice(0, question) + redactQuery(target.slice(question));
}
