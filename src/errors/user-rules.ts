/**
 * Rules and ignore patterns of the user, read once and asked behind a guard.
 *
 * Layer: errors. Loaded at start when `start()` was given some, so that what cannot be used is told there.
 */
import { types as valueTypes } from 'node:util';
import { readProperty } from '../core/readable-part.ts';
import { leaveOut, listOf, UserPart } from '../core/user-part.ts';
import type { ErrorRuleOptions, ErrorsOptions } from '../config/options.ts';
import { type ClassifierRule, ruleHolds } from './classifier-rule.ts';
import type { AskUser, Opinion } from './classify.ts';
import { ERROR_CLASSES, ERROR_SEVERITIES, type ErrorClass, type ErrorSeverity } from './error-class.ts';

/** What the user says of errors. */
export interface UserRules {
  readonly ask: AskUser;
  /** Whether one of the functions and expressions wants an error ignored. */
  readonly ignores: (error: unknown, message: string) => boolean;
  /** Patterns as in `DUOTEL_ERRORS_IGNORE`. */
  readonly ignorePatterns: readonly string[];
}

const SITE = 'errors.options';
const REMAINING = 'Errors are classified as without it.';

interface UserRule {
  readonly opinion: Opinion;
  readonly rule: Omit<ClassifierRule, 'errorClass'>;
  readonly test: ErrorRuleOptions['test'];
  readonly part: UserPart;
}

/** Reads the option. Never throws; what cannot be used is left out with a line. */
export function acceptErrorOptions(given: ErrorsOptions): UserRules {
  const rules = listOf('errors.rules', readProperty(SITE, given, 'rules')).flatMap(acceptRule);
  const ignore = listOf('errors.ignore', readProperty(SITE, given, 'ignore'));
  const questions = ignore.flatMap(acceptQuestion);
  return {
    ask(error, chain) {
      // The origin of an error is ours to know: rules of the user do not name one.
      const holds = ({ rule, test, part }: UserRule): boolean =>
        chain.some((facts) => ruleHolds(rule as ClassifierRule, facts, 'other')) &&
        (test === undefined || askFor(part, () => test(error)));
      return rules.find(holds)?.opinion;
    },
    ignores: (error, message) => questions.some((asks) => asks(error, message)),
    ignorePatterns: ignore.filter((each) => typeof each === 'string' || typeof each === 'number').map(String),
  };
}

function acceptRule(given: unknown, index: number): readonly UserRule[] {
  const name = `errors.rules[${index}]`;
  try {
    const accepted = readRule(given as ErrorRuleOptions, name);
    if (typeof accepted !== 'string') return [accepted];
    leaveOut(name, accepted);
  } catch (cause) {
    leaveOut(name, cause);
  }
  return [];
}

/** The rule, or what is wrong with it. */
function readRule(given: ErrorRuleOptions, part: string): UserRule | string {
  const { name, types, codes, statuses, message, test, errorClass, severity, retryable, provider } = given;
  if (typeof name !== 'string' || name === '') return 'it has no name';
  if (errorClass !== undefined && !isErrorClass(errorClass)) return `errorClass is not one of ${ERROR_CLASSES.join(', ')}`; // oxfmt-ignore
  if (severity !== undefined && !isSeverity(severity)) return `severity is not one of ${ERROR_SEVERITIES.join(', ')}`;
  if ([types, codes, statuses, message, test].every((each) => each === undefined)) return 'it would hold for every error'; // oxfmt-ignore
  if (test !== undefined && typeof test !== 'function') return 'test is no function';
  return {
    opinion: {
      name,
      ...(errorClass !== undefined && { errorClass }),
      ...(severity !== undefined && { severity }),
      ...(typeof retryable === 'boolean' && { retryable }),
      ...(typeof provider === 'string' && { provider: provider.slice(0, 64) }),
    },
    rule: {
      name,
      ...(types !== undefined && { types: types.map(String) }),
      ...(codes !== undefined && { codes: codes.map(String) }),
      ...(statuses !== undefined && { statuses: statuses.map(String) }),
      ...(message !== undefined && { message: toExpression(message) }),
    },
    test,
    part: new UserPart(part, REMAINING),
  };
}

/** A `g` expression would remember where it was. */
function toExpression(message: unknown): RegExp {
  if (valueTypes.isRegExp(message)) return new RegExp(message.source, message.flags.replace(/[gy]/g, ''));
  return new RegExp(escaped(String(message)), 'i');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

type Question = (error: unknown, message: string) => boolean;

function acceptQuestion(given: unknown, index: number): readonly Question[] {
  const name = `errors.ignore[${index}]`;
  if (typeof given === 'string' || typeof given === 'number') return [];
  if (valueTypes.isRegExp(given)) {
    const expression = toExpression(given);
    return [(_, message) => expression.test(message.slice(0, 1024))];
  }
  if (typeof given === 'function') {
    const part = new UserPart(name, 'The error is not ignored.');
    return [(error) => askFor(part, () => (given as (error: unknown) => unknown)(error))];
  }
  leaveOut(name, 'not a text, a number, a regular expression or a function');
  return [];
}

/** Only `true` counts: a promise would always be truthy. */
function askFor(part: UserPart, question: () => unknown): boolean {
  try {
    const answer = question();
    part.watch(answer);
    return answer === true;
  } catch (cause) {
    part.failed(cause);
    return false;
  }
}

function isErrorClass(value: string): value is ErrorClass {
  return (ERROR_CLASSES as readonly string[]).includes(value);
}

function isSeverity(value: string): value is ErrorSeverity {
  return (ERROR_SEVERITIES as readonly string[]).includes(value);
}
