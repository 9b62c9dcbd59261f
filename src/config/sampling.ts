/**
 * Settles what is sampled beside the sampler of the specification: rules, rate limit, tail buffer.
 *
 * An option wins over its variable; what cannot be used is named, and the rest works.
 * Layer: config. Loaded when something of it is set.
 */
import type { SamplingConfig, SamplingRule, TailPolicy } from './config.ts';
import { perSecond, ratio } from './kinds.ts';
import type { SamplingOptions, SamplingRuleOptions, StartOptions, TailSamplingOptions } from './options.ts';
import { printable } from './printable.ts';
import type { Reader } from './reader.ts';
import { formatRules, NAME, parseAction, parseRule, ROUTE, splitRules, toCondition } from './sampling-rule.ts';
import { formatTail, NOTHING_KEPT, usableMillis } from './tail-policy.ts';
import type { Variable } from './variable.ts';
import { DUOTEL_SAMPLING_RATE_LIMIT, DUOTEL_SAMPLING_RULES, DUOTEL_TAIL_SAMPLING } from './variables/traces.ts';

/** Settles rules, rate limit and tail buffer. Never throws, whatever the options are. */
export function resolveSampling(reader: Reader, options: StartOptions): SamplingConfig {
  const given = sectionOf(reader, options);
  const resolved: SamplingConfig = {
    rules:
      fromOption(reader, DUOTEL_SAMPLING_RULES, () => given.rules, {
        parse: (rules) => parseRules(reader, rules),
        format: formatRules,
        path: 'rules',
        expects: 'a list of rules',
      }) ?? readRules(reader, DUOTEL_SAMPLING_RULES),
    tracesPerSecond:
      fromOption(reader, DUOTEL_SAMPLING_RATE_LIMIT, () => given.tracesPerSecond, {
        parse: (rate) => (typeof rate === 'number' ? perSecond.parse(`${rate}`) : undefined),
        format: String,
        path: 'tracesPerSecond',
        expects: perSecond.expects,
      }) ?? reader.given(DUOTEL_SAMPLING_RATE_LIMIT),
    tail:
      fromOption(reader, DUOTEL_TAIL_SAMPLING, () => given.tail, {
        parse: (tail) => parseTail(tail as TailSamplingOptions),
        format: formatTail,
        path: 'tail',
        expects: 'an object like { errors: true, slowMillis: 2000, ratio: 0.1 }',
      }) ?? reader.given(DUOTEL_TAIL_SAMPLING),
  };
  if (options.sampler != null) reportReplaced(reader, resolved);
  return resolved;
}

interface OptionReading<T> {
  /** `undefined`: it cannot be used. */
  readonly parse: (given: unknown) => T | undefined;
  readonly format: (value: T) => string;
  /** Below `sampling`. */
  readonly path: string;
  readonly expects: string;
}

/** The value of an option, which may be anything; `undefined`, with an issue if it was given, leaves it to the variable. */
function fromOption<T>(
  reader: Reader,
  variable: Variable,
  given: () => unknown,
  { parse, format, path, expects }: OptionReading<T>,
): T | undefined {
  try {
    const value = given();
    if (value === undefined || value === null) return undefined;
    const parsed = parse(value);
    if (parsed !== undefined) {
      reader.settle(variable, format(parsed), 'code');
      return parsed;
    }
  } catch {
    // A getter that throws: not usable either.
  }
  reportOption(reader, `sampling.${path}`, expects);
  return undefined;
}

const OPTIONS: readonly string[] = ['rules', 'tracesPerSecond', 'tail'] satisfies (keyof SamplingOptions)[];

function sectionOf(reader: Reader, { sampling: given }: StartOptions): SamplingOptions {
  if (given === undefined || given === null) return {};
  const names = namesOf(given);
  if (names === undefined) reportOption(reader, 'sampling', 'an object');
  const unknown = names?.filter((name) => !OPTIONS.includes(name)) ?? [];
  for (const name of unknown) reportOption(reader, `sampling.${printable(name)}`, `one of ${OPTIONS.join(', ')}`);
  return names === undefined ? {} : given;
}

/** `undefined`: it is no object, or one that does not let itself be read. */
function namesOf(given: unknown): readonly string[] | undefined {
  try {
    return typeof given === 'object' && given !== null ? Object.keys(given) : undefined;
  } catch {
    return undefined;
  }
}

function reportOption(reader: Reader, name: string, expects: string): void {
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `Option ${name} is not ${expects} and is left out. Correct or remove it.`,
  });
}

/** The rules of a variable; those that cannot be used are named and left out. */
export function readRules(reader: Reader, variable: Variable<string>): readonly SamplingRule[] {
  const texts = splitRules(reader.given(variable) ?? '');
  const rules = texts.map(parseRule);
  const bad = texts.filter((_, index) => rules[index] === undefined);
  const good = rules.filter((rule) => rule !== undefined);
  if (bad.length === 0) return good;
  reader.settle(variable, good.length === 0 ? undefined : formatRules(good));
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `${variable.name} has rules that cannot be used and are left out: "${printable(bad.join('; '))}". Write keep, drop or a ratio first, then conditions like route=/health.`,
  });
  return good;
}

/** Rules that cannot be used are named and left out; `undefined` if it is no list. */
function parseRules(reader: Reader, given: unknown): readonly SamplingRule[] | undefined {
  if (!Array.isArray(given)) return undefined;
  return given.flatMap((each: unknown, index) => {
    const rule = tryRule(each);
    if (rule === undefined)
      reportOption(reader, `sampling.rules[${index}]`, "a rule like { route: '/health', action: 'drop' }");
    return rule ?? [];
  });
}

function tryRule(given: unknown): SamplingRule | undefined {
  try {
    const { name, route, attributes, action, ...others } = given as SamplingRuleOptions;
    const share =
      typeof action === 'string' && action !== 'keep' && action !== 'drop' ? undefined : parseAction(action);
    // A misspelt condition would make the rule match everything.
    if (share === undefined || Object.keys(others).length > 0) return undefined;
    const texts = [
      ...(name === undefined ? [] : [[NAME, name] as const]),
      ...(route === undefined ? [] : [[ROUTE, route] as const]),
    ];
    if (texts.some(([, text]) => typeof text !== 'string')) return undefined;
    const values = Object.entries(attributes ?? {});
    if (values.some(([, value]) => !['string', 'number', 'boolean'].includes(typeof value))) return undefined;
    return {
      conditions: [
        ...texts.map(([key, text]) => toCondition(key, text)),
        ...values.map(([key, value]) => ({ subject: 'attribute', key, pattern: `${value}` }) as const),
      ],
      ratio: share,
    };
  } catch {
    return undefined;
  }
}

function parseTail(given: TailSamplingOptions): TailPolicy | undefined {
  if (typeof given !== 'object') return undefined;
  const { errors, slowMillis, ratio: share, waitMillis, ...others } = given;
  const policy: TailPolicy = {
    keepsErrors: errors ?? NOTHING_KEPT.keepsErrors,
    slowMillis: slowMillis ?? NOTHING_KEPT.slowMillis,
    ratio: share ?? NOTHING_KEPT.ratio,
    waitMillis: waitMillis ?? NOTHING_KEPT.waitMillis,
  };
  const isUsable =
    Object.keys(others).length === 0 &&
    typeof policy.keepsErrors === 'boolean' &&
    (policy.slowMillis === undefined || usableMillis(policy.slowMillis) !== undefined) &&
    typeof policy.ratio === 'number' &&
    ratio.parse(`${policy.ratio}`) !== undefined &&
    usableMillis(policy.waitMillis) !== undefined;
  return isUsable ? policy : undefined;
}

/** The user's sampler decides alone; the tail buffer comes after it. */
function reportReplaced(reader: Reader, { rules, tracesPerSecond }: SamplingConfig): void {
  if (rules.length === 0 && tracesPerSecond === undefined) return;
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_CONFLICT',
    message:
      'The option sampler takes the place of sampling rules and of the rate limit, which have no effect. Remove one of the two.',
  });
}
