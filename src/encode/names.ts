/**
 * The one translation of OpenTelemetry names into Prometheus names.
 *
 * A metric has one name everywhere (DESIGN §1): what is scraped must be called what a back end makes of the same
 * metric when it arrives over OTLP. The rules are those of Prometheus' own `otlptranslator` 1.0.0, by default of its
 * strategy "underscore escaping with suffixes", which is also what VictoriaMetrics up to 1.112 does.
 * Layer: encode. Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".
 */

import type { TranslationStrategy } from '../config/config.ts';

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

/** A metric as the translation sees it. */
export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: NameKind;
}

/** Names of one strategy. */
export interface Namer {
  /**
   * Prometheus name of a metric, or `undefined` when nothing usable is left of it.
   *
   * Escaping: letters, digits and `:` stay, every run of other characters becomes one `_`. Suffixes: the unit and, for
   * counters, `total` are appended unless the name already holds them as a word; a dimensionless gauge (unit `1`) ends
   * in `_ratio`.
   */
  metricName(metric: NamedMetric): string | undefined;
  /** The word for a unit that a metric name ends in, before `_total`; empty for none. */
  unitWord(unit: string): string;
  /**
   * Prometheus name of an attribute key; empty only for an empty key.
   *
   * Differs from `otlptranslator` where that gives what a page cannot hold: names reserved by Prometheus (`__name__`)
   * lose their second underscore, and a key without any letter or digit becomes `_` instead of an error.
   */
  labelName(key: string): string;
}

/** Names by `strategy`. Those that are not escaped may hold any character. */
export function createNamer(strategy: TranslationStrategy = 'UnderscoreEscapingWithSuffixes'): Namer {
  const escapes = strategy.startsWith('UnderscoreEscaping');
  const adds = strategy.endsWith('WithSuffixes');
  const build = escapes
    ? adds
      ? escapedWithSuffixes
      : escaped
    : adds
      ? withSuffixes
      : ({ name }: NamedMetric) => name;
  return {
    metricName(metric) {
      const name = build(metric);
      // What was all underscores before may stay so; what became so has lost its meaning.
      return name === '' || (escapes && name !== metric.name && !/[^_]/.test(name)) ? undefined : name;
    },
    unitWord: (unit) => (adds ? unitSuffixes(unit, escapes).filter(Boolean).join('_') : ''),
    labelName: escapes ? escapedLabelName : (key) => key.replace(/^__+/, '_'),
  };
}

const DEFAULT_NAMER = createNamer();

/** The name of a metric under the default strategy, which is its name on every output. */
export function prometheusMetricName(name: string, unit: string, kind: NameKind): string | undefined {
  return DEFAULT_NAMER.metricName({ name, unit, kind });
}

function escapedWithSuffixes({ name, unit, kind }: NamedMetric): string {
  let words = splitWords(name);
  const [main, per] = unitSuffixes(unit, true);
  if (main !== '' && !words.includes(main)) words.push(per === '' ? main : trimTrailingUnderscore(main));
  if (per !== '') words.push(per);
  if (kind === 'counter') words = moveToEnd(words, 'total');
  if (kind === 'gauge' && unit === '1') words = moveToEnd(words, 'ratio');
  return digitSafe(words.join('_'));
}

/** Underscores of the name itself stay as they are. */
function escaped({ name }: NamedMetric): string {
  return digitSafe(
    name
      .split(/[^a-zA-Z0-9:_]+/)
      .filter(Boolean)
      .join('_'),
  );
}

/** Any character may stay, so that suffixes are looked for at the end only, and not word by word. */
function withSuffixes({ name: given, unit, kind }: NamedMetric): string {
  let name = given;
  const ends: string[] = [];
  const moveSuffix = (suffix: string): void => {
    if (name.endsWith(suffix) && name.length > suffix.length + 1) name = name.slice(0, -(suffix.length + 1));
    ends.unshift(suffix);
  };
  if (unit === '1' && kind === 'gauge') moveSuffix('ratio');
  if (kind === 'counter') moveSuffix('total');
  const [main, per] = unitSuffixes(unit, false);
  if (per !== '') moveSuffix(per);
  if (main !== '' && !name.endsWith(main)) name = `${name}_${main}`;
  return [name, ...ends].join('_');
}

function escapedLabelName(key: string): string {
  const name = key.replace(INVALID_LABEL_CHARS, '_');
  return startsWithDigit(name) ? `key_${name}` : name;
}

/** Words for a unit and for what it is divided by; empty where there is none. */
function unitSuffixes(unit: string, escapes: boolean): [main: string, per: string] {
  const slash = unit.indexOf('/');
  const main = unitWord(slash < 0 ? unit : unit.slice(0, slash), UNIT_WORDS);
  const perWord = slash < 0 ? '' : unitWord(unit.slice(slash + 1), PER_WORDS);
  const per = perWord === '' ? '' : `per_${perWord}`;
  if (!escapes) return [main, per];
  const cleanPer = cleanUnit(per);
  return [cleanUnit(main), cleanPer === 'per_' ? '' : trimTrailingUnderscore(cleanPer)];
}

function splitWords(text: string): string[] {
  return text.replace(INVALID_METRIC_CHARS, '_').split('_').filter(Boolean);
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

function digitSafe(name: string): string {
  return startsWithDigit(name) ? `_${name}` : name;
}

function startsWithDigit(text: string): boolean {
  return /^[0-9]/.test(text);
}
