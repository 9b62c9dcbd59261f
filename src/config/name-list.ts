/**
 * Reads a list of names of which only some are known: keeps those, says what the others are.
 *
 * Layer: config.
 */
import { printable } from './printable.ts';
import type { Reader } from './reader.ts';
import type { Variable } from './variable.ts';

/** What a list may hold. */
export interface NameChoice<T extends string> {
  /** Names that work; `none` among them stands for the empty list. */
  readonly known: readonly (T | 'none')[];
  /** Names of the specification that this package does not have. */
  readonly unavailable?: readonly string[];
}

/** The known names in order; empty for `none`; `undefined` when unset or when nothing usable is left. */
export function pickNames<T extends string>(
  reader: Reader,
  variable: Variable<readonly string[]>,
  { known, unavailable = [] }: NameChoice<T>,
): readonly T[] | undefined {
  const given = reader.given(variable);
  if (given === undefined) return undefined;
  const picked = known.filter((name) => given.includes(name)).toSorted((a, b) => given.indexOf(a) - given.indexOf(b));
  const missing = given.filter((name) => unavailable.includes(name));
  const unknown = given.filter((name) => !missing.includes(name) && !(known as readonly string[]).includes(name));
  const fallback = picked.length === 0 ? (variable.default ?? 'what is in force when it is unset') : picked.join(',');
  if (picked.length < given.length) reader.settle(variable, picked.length === 0 ? variable.default : fallback);
  for (const name of missing) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_FEATURE_UNAVAILABLE',
      message: `${variable.name}: ${name} is not available; in force: ${fallback}. Remove it, or choose from ${known.join(', ')}.`,
    });
  }
  if (unknown.length > 0) {
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_INVALID',
      message: `${variable.name}="${printable(unknown.join(','))}" is not known; in force: ${fallback}. Choose from ${known.join(', ')}.`,
    });
  }
  return picked.length === 0 ? undefined : withoutNone(reader, variable, picked);
}

function withoutNone<T extends string>(
  reader: Reader,
  variable: Variable,
  picked: readonly (T | 'none')[],
): readonly T[] {
  if (!picked.includes('none')) return picked as readonly T[];
  if (picked.length > 1) {
    reader.settle(variable, 'none');
    reader.report({
      severity: 'notice',
      code: 'DUOTEL_CONFIG_CONFLICT',
      message: `${variable.name} lists none beside other names; none is in force. Remove one of the two.`,
    });
  }
  return [];
}
