/**
 * Tells scrapers with a credential from strangers.
 *
 * Digests are compared, in constant time and each with each, so that the time of an answer says nothing about how much
 * of a guess was right or which credential it was near to. What cannot be read admits nobody.
 * Layer: outputs. Loaded at the first scrape of an endpoint with a credential. Source: RFC 6750, RFC 7617.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { monotonicMillis } from '../core/clock.ts';
import { notify, settleNotice } from '../core/notices.ts';
import type { ScrapeAccess } from '../config/config.ts';
import { readText } from '../config/read-text.ts';

/** The door of the endpoint. */
export interface Access {
  /** @param authorization - value of the header */
  admits(authorization: string | undefined): boolean;
  /** Value of `WWW-Authenticate`. */
  readonly challenge: string;
}

/** How old what was read of the token file may be: a rotated token counts after that, a flood reads no faster. */
const FILE_AGE_MILLIS = 5_000;

/** @param now - monotonic milliseconds, replaced in tests */
export function createAccess(config: ScrapeAccess, now: () => number = monotonicMillis): Access {
  const tokens = [
    ...(config.token === undefined ? [] : [constant(config.token)]),
    ...(config.tokenFile === undefined ? [] : [contentOf(config.tokenFile, now)]),
  ];
  const basics = config.basic === undefined ? [] : [constant(config.basic)];
  return {
    admits(authorization) {
      const [, scheme = '', credential = ''] = /^(\S+) +(\S+) *$/.exec(authorization ?? '') ?? [];
      switch (scheme.toLowerCase()) {
        case 'bearer':
          return isOneOf(credential, tokens);
        case 'basic':
          return isOneOf(Buffer.from(credential, 'base64').toString(), basics);
        default:
          return false;
      }
    },
    challenge: challengeOf(tokens.length > 0, basics.length > 0),
  };
}

/** Every 401 has a challenge, also where no credential can be right. */
function challengeOf(hasToken: boolean, hasBasic: boolean): string {
  const bearer = 'Bearer realm="metrics"';
  const basic = 'Basic realm="metrics"';
  if (hasToken && hasBasic) return `${bearer}, ${basic}`;
  return hasToken ? bearer : basic;
}

/** Digest of a secret of the moment; `undefined` while there is none. */
type Secret = () => Buffer | undefined;

function isOneOf(given: string, secrets: readonly Secret[]): boolean {
  const digest = digestOf(given);
  const matches = secrets.map((secret) => timingSafeEqual(digest, secret() ?? NOTHING));
  return matches.includes(true);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** No text has this digest. */
const NOTHING = Buffer.alloc(32);

function constant(text: string): Secret {
  const digest = digestOf(text);
  return () => digest;
}

function contentOf(path: string, now: () => number): Secret {
  let digest: Buffer | undefined;
  let readAtMillis = -Infinity;
  return () => {
    if (now() - readAtMillis < FILE_AGE_MILLIS) return digest;
    readAtMillis = now();
    const token = readText(path)?.trim() ?? '';
    digest = token === '' ? undefined : digestOf(token);
    if (digest === undefined) reportUnreadable(path);
    else settleNotice('DUOTEL_CONFIG_CREDENTIAL', path);
    return digest;
  };
}

function reportUnreadable(path: string): void {
  const message = `DUOTEL_METRICS_TOKEN_FILE: no token can be read from ${path}; scrapes by that token are refused until one can.`;
  notify({ code: 'DUOTEL_CONFIG_CREDENTIAL', key: path, message });
}
