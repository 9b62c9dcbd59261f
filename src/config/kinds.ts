/**
 * Kinds of values a variable can have: how the text is parsed, and what people are told it should be.
 *
 * One parser per kind keeps the rules of the specification in one place.
 * Source: OpenTelemetry "Environment Variable Specification", type-specific guidance.
 * Layer: config.
 */

/** How the text of a variable becomes a value. */
export interface Kind<T> {
  /** Completes the sentence "Set …", e.g. `a whole number of 1 or more`. */
  readonly expects: string;
  /** Value of a trimmed, non-empty text; `undefined` when the text cannot be used. */
  parse(text: string): T | undefined;
}

/** setTimeout() fires at once beyond this, so no duration may be longer. */
const MAX_MILLIS = 2_147_483_647;
const MAX_PORT = 65_535;

function numberKind(expects: string, accepts: (value: number) => boolean): Kind<number> {
  return {
    expects,
    parse(text) {
      const value = Number(text);
      return accepts(value) ? value : undefined;
    },
  };
}

/** Any text. */
export const text: Kind<string> = { expects: 'a text', parse: (value) => value };

/** Path of a file or folder; used as given. */
export const path: Kind<string> = { expects: 'a path', parse: (value) => value };

/** Boolean of the specification: only `true`, in any case, is true. */
export const flag: Kind<boolean> = { expects: 'true or false', parse: (value) => FLAGS[value.toLowerCase()] };

/** Boolean of variables that are not OpenTelemetry's, as other tools write it. */
export const toggle: Kind<boolean> = { expects: 'true or false', parse: (value) => TOGGLES[value.toLowerCase()] };

const FLAGS: Readonly<Record<string, boolean>> = { true: true, false: false };
const TOGGLES: Readonly<Record<string, boolean>> = {
  ...FLAGS,
  1: true,
  on: true,
  yes: true,
  0: false,
  off: false,
  no: false,
};

/** Time that must pass; 0 would mean a busy loop or a request that fails at once. */
export const millis: Kind<number> = numberKind(
  'a number of milliseconds above 0, without a unit',
  (value) => value > 0 && value <= MAX_MILLIS,
);

/** Time that may pass; 0 means not to wait. */
export const budgetMillis: Kind<number> = numberKind(
  'a number of milliseconds of 0 or more, without a unit',
  (value) => value >= 0 && value <= MAX_MILLIS,
);

/** A size of which at least one is needed. */
export const count: Kind<number> = numberKind(
  'a whole number of 1 or more',
  (value) => Number.isSafeInteger(value) && value >= 1,
);

/** A limit; 0 keeps nothing. */
export const limit: Kind<number> = numberKind(
  'a whole number of 0 or more',
  (value) => Number.isSafeInteger(value) && value >= 0,
);

/** TCP port; 0 = any free one. */
export const port: Kind<number> = numberKind(
  `a port from 0 to ${MAX_PORT}`,
  (value) => Number.isInteger(value) && value >= 0 && value <= MAX_PORT,
);

/** Share of a whole. */
export const ratio: Kind<number> = numberKind('a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** How often something may happen; finite, so that a bucket can be filled with it. */
export const perSecond: Kind<number> = numberKind(
  'a number of 0 or more',
  (value) => value >= 0 && value <= Number.MAX_SAFE_INTEGER,
);

/** Address that is read, and repaired, by `endpoint.ts`. */
export const endpoint: Kind<string> = { expects: 'an http:// or https:// address', parse: (value) => value };

/** Pairs that are read one by one, so that a bad one does not void the others. */
export const pairs: Kind<string> = { expects: 'key=value pairs separated by commas', parse: (value) => value };

/** A size for each of several names. */
export const countsByName: Kind<ReadonlyMap<string, number>> = {
  expects: 'name=number pairs separated by commas, each number 1 or more',
  parse(value) {
    const counts = new Map<string, number>();
    for (const pair of value.split(',')) {
      const at = pair.lastIndexOf('=');
      const name = pair.slice(0, Math.max(at, 0)).trim();
      const number = count.parse(pair.slice(at + 1).trim());
      if (name === '' || number === undefined) return undefined;
      counts.set(name, number);
    }
    return counts;
  },
};

/** Complete address. */
export const url: Kind<string> = {
  expects: 'an http:// or https:// address',
  parse: (value) => (/^https?:\/\//i.test(value) && URL.canParse(value) ? value : undefined),
};

/** Address of an HTTP proxy, `http://` may be missing as in curl; the value is a complete one without a path. */
export const proxyAddress: Kind<string> = {
  expects: 'the http:// address of a proxy',
  parse(value) {
    const written = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    if (!URL.canParse(written)) return undefined;
    const { protocol, username, password, host } = new URL(written);
    const credential = username === '' && password === '' ? '' : `${username}:${password}@`;
    return protocol === 'http:' ? `http://${credential}${host}` : undefined;
  },
};

/** Names separated by commas: trimmed, lower case, each once; what they may be is judged by the reader of the list. */
export const names: Kind<readonly string[]> = {
  expects: 'names separated by commas',
  parse(value) {
    const list = value.split(',').map((name) => name.trim().toLowerCase());
    return [...new Set(list.filter((name) => name !== ''))];
  },
};

/** Some of a few words, in any case. */
export function someOf<T extends string>(...words: readonly T[]): Kind<readonly T[]> {
  return {
    expects: `a list of ${words.join(', ')}`,
    parse(value) {
      const given = names.parse(value) ?? [];
      const known = words.filter((word) => given.includes(word));
      return known.length === given.length ? known : undefined;
    },
  };
}

/** One of a few words, in any case. */
export function oneOf<T extends string>(...words: readonly T[]): Kind<T> {
  return {
    expects: words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`,
    parse: (value) => words.find((word) => word === value.toLowerCase()),
  };
}
