/**
 * Credentials that can be told by their shape: keys of known issuers, JSON Web Tokens, private keys, HTTP schemes.
 *
 * Each function looks at one place of a text and answers where the secret that is there ends, or -1. None looks
 * further ahead than it consumes, but for a fixed number of characters: scanning stays linear whatever the text.
 * Layer: core. Source: the issuers' documentation; RFC 7519 (JWT), RFC 7468 (PEM), RFC 9110 §11 (schemes).
 */
import {
  isCredentialCharacter,
  isSpace,
  isTokenCharacter,
  isWordStart,
  LOOK_AHEAD,
  looksRandom,
} from './characters.ts';

/** Beginnings of keys, by issuer. The fewest characters that follow in a real one. */
const PREFIXES: readonly (readonly [prefix: string, rest: number])[] = [
  // OpenAI, Anthropic, DeepSeek, OpenRouter and others: `sk-proj-…`, `sk-ant-…`.
  ['sk-', 16],
  // GitHub, GitLab.
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'].map((prefix) => [prefix, 20] as const),
  ...['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glsoat-'].map((prefix) => [prefix, 16] as const),
  // Slack.
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxc-', 'xoxd-', 'xapp-'].map((p) => [p, 10] as const),
  // Grafana, Sentry.
  ...['glc_', 'glsa_', 'sntrys_', 'sntryu_'].map((prefix) => [prefix, 12] as const),
  // Stripe.
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'].map((prefix) => [prefix, 12] as const),
  // npm, Hugging Face, Groq, xAI, Replicate, DigitalOcean, Shopify, Linear, Supabase, PyPI, Tavily.
  ...['npm_', 'hf_', 'gsk_', 'dop_v1_', 'shpat_', 'shpss_', 'lin_api_', 'sbp_'].map((p) => [p, 30] as const),
  ...['xai-', 'pypi-', 'tvly-'].map((prefix) => [prefix, 24] as const),
];

/** By the two characters before their `-` or `_`, which is how the scanner comes upon them. */
const PREFIXES_BY_END = new Map<number, (readonly [prefix: string, rest: number])[]>();
/** The same, to be asked often. */
const ENDS_PREFIX = new Uint8Array(128 * 128);
for (const entry of PREFIXES) {
  const end = endBefore(entry[0], entry[0].length - 1);
  PREFIXES_BY_END.set(end, [...(PREFIXES_BY_END.get(end) ?? []), entry]);
  ENDS_PREFIX[end] = 1;
}

function endBefore(text: string, at: number): number {
  return ((text.charCodeAt(at - 2) & 127) << 7) | (text.charCodeAt(at - 1) & 127);
}

/** Whether the two characters before the `-` or `_` at `at` are the end of a known beginning; right for most texts. */
export function endsPrefix(text: string, at: number): boolean {
  return at > 1 && ENDS_PREFIX[endBefore(text, at)] === 1;
}

const DOT = 46;

/** The secret that was found in a text, and what looking for one needs; reused by the scanner, which is synchronous. */
export interface Scan {
  from: number;
  to: number;
  /** The value had no quotes, its name had: they come with the replacement. */
  isBare: boolean;
  /** The name is that of a query parameter. */
  isParameter: boolean;
  isSecretKey: (key: string) => boolean;
  /** No JSON Web Token begins before it: what was looked at once in vain is not looked at again. */
  barrenTo: number;
}

/** A key of a known issuer, whose beginning ends with the `-` or `_` at `at`. */
export function findIssuedKey(text: string, at: number, scan: Scan): boolean {
  const candidates = PREFIXES_BY_END.get(endBefore(text, at));
  if (candidates === undefined) return false;
  for (const [prefix, rest] of candidates) {
    const from = at + 1 - prefix.length;
    if (from < 0 || !text.startsWith(prefix, from) || !isWordStart(text, from)) continue;
    return takeToken(text, { from, body: at + 1, atLeast: rest }, scan);
  }
  return false;
}

/** Keys whose beginning has no joiner: AWS (`AKIA`, `ASIA`), Google (`AIza`), SendGrid (`SG.`). Begins at `at`. */
export function findNamedKey(text: string, at: number, scan: Scan): boolean {
  const isFirst = text.charCodeAt(at) === 65;
  if (isFirst) {
    const next = text.charCodeAt(at + 1);
    if (next === 75 || next === 83) {
      if (!text.startsWith('AKIA', at) && !text.startsWith('ASIA', at)) return false;
      return isWordStart(text, at) && takeToken(text, { from: at, body: at + 4, atLeast: 16 }, scan);
    }
    return next === 73 && text.startsWith('AIza', at) && isWordStart(text, at)
      ? takeToken(text, { from: at, body: at + 4, atLeast: 30 }, scan)
      : false;
  }
  if (!text.startsWith('SG.', at) || !isWordStart(text, at)) return false;
  if (!takeToken(text, { from: at, body: at + 3, atLeast: 16 }, scan)) return false;
  if (text.charCodeAt(scan.to) === DOT) scan.to = skipToken(text, scan.to + 1);
  return true;
}

interface Candidate {
  readonly from: number;
  /** Where the part begins that differs from key to key. */
  readonly body: number;
  readonly atLeast: number;
}

function takeToken(text: string, { from, body, atLeast }: Candidate, scan: Scan): boolean {
  const enough = body + atLeast;
  for (let at = body; at < enough; at += 1) if (!isTokenCharacter(text, at)) return false;
  let end = enough;
  while (end - body < LOOK_AHEAD && isTokenCharacter(text, end)) end += 1;
  if (!looksRandom(text, body, end)) return false;
  scan.from = from;
  scan.to = skipToken(text, end);
  return true;
}

function skipToken(text: string, at: number): number {
  let end = at;
  while (isTokenCharacter(text, end)) end += 1;
  return end;
}

/** Fewest characters of a header: `{"alg":"x"}`. */
const MIN_JWT_HEADER = 14;
const MIN_JWT_PART = 4;

/** A JSON Web Token (`eyJ….….…`) whose `J` is at `at`. Encrypted ones have five parts. */
export function findJwt(text: string, at: number, scan: Scan): boolean {
  const from = at - 2;
  if (from < scan.barrenTo || !text.startsWith('ey', from) || !isWordStart(text, from)) return false;
  const headerEnd = skipToken(text, at);
  scan.barrenTo = headerEnd;
  if (headerEnd - from < MIN_JWT_HEADER || text.charCodeAt(headerEnd) !== DOT) return false;
  let end = skipToken(text, headerEnd + 1);
  if (end - headerEnd < MIN_JWT_PART && text.charCodeAt(end) !== DOT) return false;
  for (let part = 0; part < 3 && text.charCodeAt(end) === DOT; part += 1) end = skipToken(text, end + 1);
  scan.from = from;
  scan.to = end;
  return true;
}

const DASHES = '-----';
/** Longest label of a PEM block. */
const MAX_LABEL = 48;

const BEGIN = '-----BEGIN';
const END = '-----END';
/** Also as it is encoded in queries. */
const PRIVATE_KEY = /PRIVATE(?: |\+|%20)KEY/;

/** A PEM block with a private key, whose second dash is at `at`; one that was cut off goes to the end of the text. */
export function findPrivateKey(text: string, at: number, scan: Scan): boolean {
  const from = at - 1;
  if (!text.startsWith(BEGIN, from)) return false;
  const label = text.slice(from + BEGIN.length, from + BEGIN.length + MAX_LABEL);
  const close = label.indexOf(DASHES);
  if (close < 0 || !PRIVATE_KEY.test(label.slice(0, close))) return false;
  const end = text.indexOf(END, from + BEGIN.length + close);
  scan.from = from;
  if (end < 0) scan.to = text.length;
  else {
    const afterEnd = end + END.length;
    const rest = text.slice(afterEnd, afterEnd + MAX_LABEL).indexOf(DASHES);
    scan.to = rest < 0 ? afterEnd : afterEnd + rest + DASHES.length;
  }
  return true;
}

const SCHEMES: readonly string[] = ['bearer', 'basic'];
const MIN_CREDENTIAL = 6;

/** The credential after `Bearer` or `Basic`, whose B is at `at`. */
export function findCredential(text: string, at: number, scan: Scan): boolean {
  const second = text.charCodeAt(at + 1) | 32;
  // a, e
  if (second !== 97 && second !== 101) return false;
  for (const scheme of SCHEMES) {
    if (text.slice(at, at + scheme.length).toLowerCase() !== scheme || !isWordStart(text, at)) continue;
    const from = skipGap(text, at + scheme.length);
    if (from < 0) return false;
    let to = from;
    while (to - from < LOOK_AHEAD && isCredentialCharacter(text, to)) to += 1;
    if (to - from < MIN_CREDENTIAL || !looksRandom(text, from, to)) return false;
    while (isCredentialCharacter(text, to)) to += 1;
    scan.from = from;
    scan.to = to;
    return true;
  }
  return false;
}

/** End of what stands between scheme and credential: blanks, `%20`, `+`, `=`, `:`. */
function skipGap(text: string, at: number): number {
  if (text.startsWith('%20', at)) return at + 3;
  let end = at;
  while (end - at < 4 && (isSpace(text, end) || '+=:'.includes(text[end] ?? ' '))) end += 1;
  return end === at ? -1 : end;
}
