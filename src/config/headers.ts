/**
 * Reads the header variables of OTLP: pairs by the specification, and the ways people write them by mistake.
 *
 * Source: OTLP exporter specification, "Specifying headers via environment variables" (W3C Baggage without metadata).
 * Layer: config.
 */
import { decodePercent } from './percent.ts';
import { repairAuthorization } from './authorization.ts';

/** What became of the text of a header variable. */
export interface HeadersReading {
  /** By lower-case name. Values may be credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** What was put right, as phrases without values. */
  readonly repairs: readonly string[];
  /** What looks wrong and was left alone, as phrases without values. */
  readonly mistakes: readonly string[];
  /** Names or places of pairs that were left out, as phrases without values. */
  readonly rejected: readonly string[];
}

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** RFC 9110: visible characters, blanks and tabs; others make Node.js throw when the request is sent. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN_IN_VALUE = /[^\t\u0020-\u007E\u0080-\u00FF]/;

/** Reads pairs of headers. */
export function parseHeaders(text: string): HeadersReading {
  const headers: Record<string, string> = {};
  const repairs: string[] = [];
  const mistakes: string[] = [];
  const rejected: string[] = [];
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const read = parsePair(pair, repairs);
    if (read === undefined) {
      rejected.push(`pair ${index + 1} has no name=value`);
      continue;
    }
    const [name, written] = read;
    const value =
      name === 'authorization' ? repairAuthorization(written, { repairs, mistakes }) : joinLines(written, repairs);
    if (value === undefined) continue;
    if (!NAME.test(name) || FORBIDDEN_IN_VALUE.test(value)) {
      rejected.push(
        NAME.test(name) ? `${name} has characters a header cannot have` : `pair ${index + 1} has no valid name`,
      );
      continue;
    }
    if (value === '') rejected.push(`${name} is empty`);
    else headers[name] = value;
  }
  return { headers, repairs, mistakes, rejected };
}

function parsePair(pair: string, repairs: string[]): readonly [name: string, value: string] | undefined {
  const split = splitPair(pair.split(';', 1)[0] ?? '', repairs);
  if (split === undefined) return undefined;
  const name = decodePercent(unquote(split[0], repairs)).text.trim().toLowerCase();
  const decoded = decodePercent(unquote(split[1], repairs));
  if (decoded.broken) repairs.push('kept a % that starts no escape');
  return name === '' ? undefined : [name, decoded.text.trim()];
}

/** Splits at the first `=`; `Name: value` and a pair that was encoded as a whole are slips. */
function splitPair(pair: string, repairs: string[]): readonly [string, string] | undefined {
  const colon = /^\s*["']?([\w-]+)\s*:(?!\/\/)([\s\S]*)$/.exec(pair);
  if (colon !== null) {
    repairs.push('read "name: value" as name=value');
    return [colon[1] ?? '', colon[2] ?? ''];
  }
  const encoded = /^\s*([\w-]+)%3[Dd]([\s\S]*)$/.exec(pair);
  if (encoded !== null) {
    repairs.push('decoded the = between name and value');
    return [encoded[1] ?? '', encoded[2] ?? ''];
  }
  const equals = pair.indexOf('=');
  return equals > 0 ? [pair.slice(0, equals), pair.slice(equals + 1)] : undefined;
}

function unquote(text: string, repairs: string[]): string {
  const bare = text.trim().replaceAll(/^["']+|["']+$/g, '');
  if (bare !== text.trim()) repairs.push('left out quotes');
  return bare;
}

function joinLines(value: string, repairs: string[]): string {
  const joined = value.replaceAll(/[\r\n]+\s*/g, '');
  if (joined !== value) repairs.push('joined lines');
  return joined;
}
