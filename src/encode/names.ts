/**
 * The one translation of OpenTelemetry names into Prometheus names.
 *
 * A metric has one name everywhere (DESIGN §1): what is scraped must be called what a back end makes of the same
 * metric when it arrives over OTLP. The rules are those of Prometheus' own `otlptranslator` 1.0.0, strategy
 * "underscore escaping with suffixes", which is also what VictoriaMetrics up to 1.112 does.
 * Layer: encode. Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".
 */

/** What the translation needs to know about the kind of a metric. */
export type NameKind = 'counter' | 'updown' | 'gauge' | 'histogram';

/** UCUM units that have a Prometheus word; every other unit is kept as it is written. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

/** Units after a `/`; here `m` is a minute. */
const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

const INVALID_METRIC_CHARS = /[^a-zA-Z0-9:]+/g;
const INVALID_LABEL_CHARS = /[^a-zA-Z0-9]+/g;

/**
 * Prometheus name of a metric, or `undefined` when nothing usable is left of it.
 *
 * Letters, digits and `:` stay, every run of other characters becomes one `_`. The unit and, for counters, `total` are
 * appended unless the name already holds them as a word; a dimensionless gauge (unit `1`) ends in `_ratio`.
 */
export function prometheusMetricName(name: string, unit: string, kind: NameKind): string | undefined {
  let words = splitWords(name);
  words = appendUnit(words, unit);
  if (kind === 'counter') words = moveToEnd(words, 'total');
  if (kind === 'gauge' && unit === '1') words = moveToEnd(words, 'ratio');
  const joined = words.join('_');
  if (!/[^_]/.test(joined)) return undefined;
  return startsWithDigit(joined) ? `_${joined}` : joined;
}

/**
 * Prometheus name of an attribute key; empty only for an empty key.
 *
 * Differs from `otlptranslator` where that gives what a page cannot hold: names reserved by Prometheus (`__name__`)
 * lose their second underscore, and a key without any letter or digit becomes `_` instead of an error.
 */
export function prometheusLabelName(key: string): string {
  const name = key.replace(INVALID_LABEL_CHARS, '_');
  return startsWithDigit(name) ? `key_${name}` : name;
}

function splitWords(text: string): string[] {
  return text.replace(INVALID_METRIC_CHARS, '_').split('_').filter(Boolean);
}

function appendUnit(words: readonly string[], unit: string): string[] {
  const slash = unit.indexOf('/');
  const main = cleanUnit(unitWord(slash < 0 ? unit : unit.slice(0, slash), UNIT_WORDS));
  const perWord = slash < 0 ? '' : unitWord(unit.slice(slash + 1), PER_WORDS);
  const per = perWord === '' ? '' : cleanUnit(`per_${perWord}`);

  const addsPer = per !== '' && per !== 'per_';
  const suffixes: string[] = [];
  if (main !== '' && !words.includes(main)) suffixes.push(addsPer ? trimTrailingUnderscore(main) : main);
  if (addsPer) suffixes.push(trimTrailingUnderscore(per));
  return [...words, ...suffixes];
}

/** The word for one UCUM unit; annotations such as `{request}` have none. */
function unitWord(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  if (/[{}]/.test(trimmed)) return '';
  return Object.hasOwn(words, trimmed) ? (words[trimmed] ?? '') : trimmed;
}

function cleanUnit(unit: string): string {
  return unit.replace(INVALID_METRIC_CHARS, '_').replace(/^_/, '');
}

function trimTrailingUnderscore(text: string): string {
  return text.endsWith('_') ? text.slice(0, -1) : text;
}

function moveToEnd(words: readonly string[], word: string): string[] {
  return [...words.filter((other) => other !== word), word];
}

function startsWithDigit(text: string): boolean {
  return /^[0-9]/.test(text);
}
