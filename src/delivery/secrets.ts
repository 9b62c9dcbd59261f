/**
 * The texts of a destination that must never be printed, whoever repeats them.
 *
 * Layer: delivery.
 */
import type { OtlpDestination } from '../config/config.ts';

/** Shorter texts are no secrets, and blanking them out would garble the line. */
const MIN_SECRET_LENGTH = 6;

/**
 * Header values, their parts (`Basic abc` → `abc`), the decoded pair of basic authentication, the credentials and query
 * values of the URL, and the credentials of the proxy; longest first.
 */
export function secretsOf({ url, headers, proxy }: Pick<OtlpDestination, 'url' | 'headers' | 'proxy'>): string[] {
  const found = Object.values(headers).flatMap((value) => [
    value,
    ...value.split(/[\s,;]+/),
    ...value.split(/[\s,;=]+/),
    ...basicPair(value),
  ]);
  for (const address of [url, proxy]) {
    if (address === undefined || !URL.canParse(address)) continue;
    const { username, password, searchParams } = new URL(address);
    found.push(username, password, decode(username), decode(password), ...searchParams.values());
    if (username !== '') found.push(Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64'));
  }
  const secrets = new Set(found.filter((text) => text.length >= MIN_SECRET_LENGTH && text.toLowerCase() !== 'bearer'));
  return [...secrets].sort((a, b) => b.length - a.length);
}

function basicPair(value: string): string[] {
  const encoded = /^basic\s+(\S+)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, 'base64').toString();
  return [pair, ...pair.split(':')];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
