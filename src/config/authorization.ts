/**
 * Reads the value of an `Authorization` header and repairs what people get wrong when they write Basic by hand.
 *
 * Nothing here may put any part of the value into a phrase.
 * Source: RFC 7617 (Basic); the mistakes: ACCEPTANCE P7.
 * Layer: config.
 */
import { decodePercent } from './percent.ts';

/** Where findings go, as phrases without values. */
export interface Findings {
  readonly repairs: string[];
  readonly mistakes: string[];
}

/** User name and password of Basic. */
export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

const PLACEHOLDER = /^\$\w+$|\$\{\w+\}|^<.*>$/;

/** The value to send; `undefined` when there is nothing to send. */
export function repairAuthorization(written: string, { repairs, mistakes }: Findings): string | undefined {
  const value = dropWrittenLineEnds(decodeTwice(written, repairs), repairs).trim();
  const [, schemes = '', rest = ''] = /^((?:basic(?:\s+|$))*)([\s\S]*)$/i.exec(value) ?? [];
  if (rest.trim() === '') {
    mistakes.push('the credential of Authorization is empty');
    return undefined;
  }
  if (PLACEHOLDER.test(rest)) {
    mistakes.push('the credential of Authorization is a placeholder that nothing filled in');
    return value;
  }
  if (schemes === '') return withoutScheme(value, { repairs, mistakes });
  if (schemes.trim().toLowerCase() !== 'basic') repairs.push('left out a second Basic');
  return `Basic ${repairBasic(rest, repairs)}`;
}

/** User and password of a Basic credential; `undefined` for anything else. */
export function readBasic(authorization: string): BasicCredentials | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(authorization)?.[1];
  return encoded === undefined ? undefined : decodeBasic(encoded);
}

/** `Basic` with `user:password` encoded. */
export function writeBasic({ user, password }: BasicCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function decodeTwice(text: string, repairs: string[]): string {
  if (!/%[\da-f]{2}/i.test(text)) return text;
  const decoded = decodePercent(text);
  if (!decoded.broken) repairs.push('decoded Authorization a second time');
  return decoded.text;
}

/** Backslash and n, as text: what an env file makes of a line end. */
function dropWrittenLineEnds(text: string, repairs: string[]): string {
  const joined = text.replaceAll(/\\[rn]/g, '');
  if (joined !== text) repairs.push('left out written line ends');
  return joined;
}

/** Basic was forgotten if what stands there is its credential, encoded or plain; other schemes stay as they are. */
function withoutScheme(value: string, { repairs, mistakes }: Findings): string {
  const joined = value.replaceAll(/\s+/g, '');
  const plain = /^\d+:\S+$/.test(joined);
  if (plain || decodeBasic(joined) !== undefined) {
    repairs.push('put Basic in front of the credential');
    return `Basic ${repairBasic(value, repairs)}`;
  }
  if (/^glc_\S+$/.test(joined)) {
    mistakes.push('Authorization holds a token alone, it takes Basic and base64 of instance id:token');
  }
  return value.replaceAll(/[\r\n]+\s*/g, '');
}

/** One line of base64 for `user:password`, however it was written. */
function repairBasic(written: string, repairs: string[]): string {
  const joined = written.replaceAll(/\s+/g, '');
  if (joined !== written.trim()) repairs.push('joined the lines of the credential');
  if (joined.includes(':')) {
    repairs.push('encoded the credential as base64');
    return Buffer.from(joined).toString('base64');
  }
  const decoded = Buffer.from(joined, 'base64').toString('utf8');
  if (!/\s$/.test(decoded) || decodeBasic(joined) === undefined) return joined;
  repairs.push('left out a line end inside the credential');
  return Buffer.from(decoded.trimEnd()).toString('base64');
}

function decodeBasic(encoded: string): BasicCredentials | undefined {
  if (!/^[\w+/-]+={0,2}$/.test(encoded)) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8').trimEnd();
  const colon = pair.indexOf(':');
  // oxlint-disable-next-line no-control-regex -- what decodes to control characters was not base64 of a credential
  if (colon < 0 || /[\u0000-\u001F\u007F\uFFFD]/.test(pair)) return undefined;
  return { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
