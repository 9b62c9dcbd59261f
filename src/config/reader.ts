/**
 * Reads variables by the layers of precedence, and keeps the account: origins, effective values, findings.
 *
 * Layers: code, then the configuration file if there is one, otherwise the environment, then presets, then defaults.
 * Layer: config.
 */
import type { Issue, Origin, Setting } from './config.ts';
import { printable, redacted, SECRET } from './printable.ts';
import type { DefaultedVariable, Variable } from './variable.ts';
import { VARIABLES } from './variables/index.ts';

/** Where variables come from. */
export interface VariableSources {
  /** `variables` of the options of `start()`. */
  readonly code?: Readonly<Record<string, string>> | undefined;
  /** Values of the configuration file by name of variable; they replace every `OTEL_*` variable of `env`. */
  readonly file?: Readonly<Record<string, string>> | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A text somebody set. */
export interface GivenText {
  readonly text: string;
  readonly origin: Origin;
}

export interface Reader {
  /** Trimmed, unquoted text somebody set; `undefined` when unset or empty. */
  text(variable: Variable): GivenText | undefined;
  /** Value somebody set; `undefined` when unset, and when it cannot be used (then one issue says so). */
  given<T>(variable: Variable<T>): T | undefined;
  /** Value somebody set, else the default. */
  value<T>(variable: DefaultedVariable<T>): T;
  /** Records what is in force where that is not what was set: repaired, preset, from a named option. */
  settle(variable: Variable, text: string | undefined, origin?: Origin): void;
  /** Adds a finding; the same one is kept once. */
  report(issue: Issue): void;
  /** Reports a text that cannot be used, by default because it is not of its kind. */
  reject(variable: Variable, problem?: string): void;
  /** Every row of the table with what is in force. */
  settings(): readonly Setting[];
  readonly issues: readonly Issue[];
}

/** The one `OTEL_*` variable that a configuration file cannot replace. */
const FILE_VARIABLE = 'OTEL_CONFIG_FILE';

/** Reads each variable at most once. */
export function createReader(sources: VariableSources): Reader {
  const texts = new Map<Variable, GivenText | undefined>();
  const values = new Map<Variable, unknown>();
  const settled = new Map<Variable, { text: string | undefined; origin: Origin }>();
  const issues: Issue[] = [];

  const reader: Reader = {
    issues,
    text(variable) {
      if (texts.has(variable)) return texts.get(variable);
      const found = lookUp(variable.name, sources);
      const given = found && unwrap(variable, found, reader);
      texts.set(variable, given);
      return given;
    },
    given<T>(variable: Variable<T>) {
      if (values.has(variable)) return values.get(variable) as T | undefined;
      const found = reader.text(variable);
      const value = found && variable.kind.parse(found.text);
      values.set(variable, value);
      if (found && value === undefined) reader.reject(variable);
      return value;
    },
    value<T>(variable: DefaultedVariable<T>) {
      // The default of a row is of its kind: a unit test reads every row.
      return reader.given(variable) ?? (variable.kind.parse(variable.default) as T);
    },
    settle(variable, text, origin) {
      settled.set(variable, { text, origin: origin ?? reader.text(variable)?.origin ?? 'default' });
    },
    report(issue) {
      if (!issues.some((known) => known.message === issue.message)) issues.push(issue);
    },
    reject(variable, problem = `is not ${variable.kind.expects}`) {
      reader.settle(variable, variable.default, 'default');
      reader.report({
        severity: 'notice',
        code: 'DUOTEL_CONFIG_INVALID',
        message: rejection(variable, problem, reader),
      });
    },
    settings: () => VARIABLES.map((variable) => toSetting(variable, settled.get(variable), reader.text(variable))),
  };
  return reader;
}

function lookUp(name: string, { code, file, env }: VariableSources): GivenText | undefined {
  const coded = present(code?.[name]);
  if (coded !== undefined) return { text: coded, origin: 'code' };
  const filed = present(file?.[name]);
  if (filed !== undefined) return { text: filed, origin: 'file' };
  if (file !== undefined && name.startsWith('OTEL_') && name !== FILE_VARIABLE) return undefined;
  const set = present(env[name]);
  return set === undefined ? undefined : { text: set, origin: 'environment' };
}

/** Specification: an empty value is an unset one. Code written in JavaScript may hold a number here. */
function present(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? `${value}` : value;
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

/** Container runtimes keep the quotes of env files, and editors leave blanks at the end. */
function unwrap(variable: Variable, { text, origin }: GivenText, reader: Reader): GivenText | undefined {
  const trimmed = text.trim();
  const quoted = /^(["'`])([\s\S]*)\1$/.exec(trimmed);
  if (trimmed === text && quoted === null) return { text, origin };
  const bare = quoted?.[2] === undefined ? trimmed : quoted[2].trim();
  const what = quoted === null ? 'the blanks around it' : 'the quotes around it';
  reader.report(repaired(variable, [`left out ${what}`]));
  return bare === '' ? undefined : { text: bare, origin };
}

/** The finding that a value was put right. */
export function repaired(variable: Variable, repairs: readonly string[], inForce?: string): Issue {
  const shown = inForce === undefined || variable.secret ? '' : `; in force: ${printable(inForce)}`;
  return {
    severity: 'info',
    code: 'DUOTEL_CONFIG_REPAIRED',
    message: `${variable.name}: ${repairs.join(', ')}${shown}.`,
  };
}

function rejection(variable: Variable, problem: string, reader: Reader): string {
  const { text, origin } = reader.text(variable) ?? { text: '', origin: 'default' };
  const place = origin === 'code' ? ' (set in code)' : origin === 'file' ? ' (set in the configuration file)' : '';
  const value = variable.secret ? ' (value not shown)' : `="${printable(text)}"`;
  const fallback =
    variable.default === undefined ? 'it counts as unset' : `the default ${variable.default} is in force`;
  return `${variable.name}${value}${place} ${problem}; ${fallback}. Correct or remove it.`;
}

function toSetting(
  variable: Variable,
  settled: { text: string | undefined; origin: Origin } | undefined,
  given: GivenText | undefined,
): Setting {
  const { text, origin } = settled ?? given ?? { text: variable.default, origin: 'default' as const };
  const value = text !== undefined && variable.secret ? SECRET : text && redacted(text);
  return { name: variable.name, value, origin };
}
