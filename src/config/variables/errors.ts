/**
 * Variables of errors: which are captured, which are worth sending, and how many.
 *
 * Layer: config.
 */
import { count, type Kind, oneOf } from '../kinds.ts';
import type { DefaultedVariable, Variable } from '../variable.ts';

/** Patterns separated by commas, in the case they are written in; `none` for the empty list. */
const patterns: Kind<readonly string[]> = {
  expects: 'error classes, statuses, names, codes or rules separated by commas, or none',
  parse(value) {
    if (value.toLowerCase() === 'none') return [];
    const list = value.split(',').map((each) => each.trim());
    return list.filter((each) => each !== '');
  },
};

export const DUOTEL_ERRORS: DefaultedVariable<'auto' | 'manual' | 'off'> = {
  name: 'DUOTEL_ERRORS',
  section: 'Errors',
  kind: oneOf('auto', 'manual', 'off'),
  default: 'auto',
  description:
    'auto: captured are uncaught exceptions and rejections, the errors behind answers of 5xx, and what captureError() ' +
    'is given. manual: only the latter. off: none.',
  source: 'duotel',
};

export const DUOTEL_ERRORS_IGNORE: DefaultedVariable<readonly string[]> = {
  name: 'DUOTEL_ERRORS_IGNORE',
  section: 'Errors',
  kind: patterns,
  default: 'cancelled,validation.*,answer.not_found',
  description:
    'Errors that are counted but neither logged nor sent: error classes, HTTP statuses, names or codes of errors, or rules ' +
    'of docs/reference/errors.md; a * stands for any characters. What ends the process is never ignored. none: nothing is.',
  source: 'duotel',
};

export const DUOTEL_ERRORS_PER_MINUTE: DefaultedVariable<number> = {
  name: 'DUOTEL_ERRORS_PER_MINUTE',
  section: 'Errors',
  kind: count,
  default: '10',
  description: 'Most errors of one fingerprint that are logged and sent in a minute; one more tells how many followed.',
  source: 'duotel',
};

export const ERROR_VARIABLES: readonly Variable[] = [DUOTEL_ERRORS, DUOTEL_ERRORS_IGNORE, DUOTEL_ERRORS_PER_MINUTE];
