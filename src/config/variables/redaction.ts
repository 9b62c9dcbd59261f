/**
 * Variables of privacy: what is taken out of everything that leaves.
 *
 * Layer: config.
 */
import { type Kind, oneOf } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

const names: Kind<readonly string[]> = {
  expects: 'names of attributes separated by commas',
  parse(value) {
    const list = splitList(value);
    return list.every((name) => /[a-z\d]/i.test(name)) ? list : undefined;
  },
};

/** Fewest fixed characters at the beginning of a pattern; with fewer it would be found everywhere. */
const FIXED_CHARACTERS = 3;

const patterns: Kind<readonly string[]> = {
  expects: `patterns separated by commas: at least ${FIXED_CHARACTERS} fixed characters, then # for a digit, a * at the end for the rest of the word`,
  parse(value) {
    const list = splitList(value);
    return list.every(isRedactionPattern) ? list : undefined;
  },
};

/** Whether a text can be used as a pattern of secrets. */
export function isRedactionPattern(pattern: string): boolean {
  const star = pattern.indexOf('*');
  return /^[^*#]{3}/.test(pattern) && (star < 0 || star === pattern.length - 1);
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

export const DUOTEL_REDACT: DefaultedVariable<'off' | 'on' | 'strict'> = {
  name: 'DUOTEL_REDACT',
  section: 'Privacy',
  kind: oneOf('off', 'on', 'strict'),
  default: 'on',
  description:
    'Whether secrets (passwords, keys, tokens, card numbers) are taken out of everything that leaves; strict: e-mail addresses, too.',
  source: 'duotel',
};

export const DUOTEL_REDACT_KEYS: Variable<readonly string[]> = {
  name: 'DUOTEL_REDACT_KEYS',
  section: 'Privacy',
  kind: names,
  description:
    'More names whose values are secret, beside password, token, authorization and their like. iban holds for customer.iban and ibanNumber, too.',
  source: 'duotel',
};

export const DUOTEL_REDACT_KEEP_KEYS: Variable<readonly string[]> = {
  name: 'DUOTEL_REDACT_KEEP_KEYS',
  section: 'Privacy',
  kind: names,
  description: 'Names, spelled as they are, whose values leave untouched whatever they look like.',
  source: 'duotel',
};

export const DUOTEL_REDACT_PATTERNS: Variable<readonly string[]> = {
  name: 'DUOTEL_REDACT_PATTERNS',
  section: 'Privacy',
  kind: patterns,
  description:
    'More texts that are secret wherever they stand, such as acme_live_* or EMP-######: # is a digit, * the rest of the word.',
  source: 'duotel',
};

export const REDACTION_VARIABLES: readonly Variable[] = [
  DUOTEL_REDACT,
  DUOTEL_REDACT_KEYS,
  DUOTEL_REDACT_KEEP_KEYS,
  DUOTEL_REDACT_PATTERNS,
];
