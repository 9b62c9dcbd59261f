/**
 * A row of the classifier's table.
 *
 * Layer: errors. The rows: `rules/`. Users write the same rows: {@link ErrorRuleOptions} of the configuration.
 */
import type { ErrorClass, ErrorSeverity } from './error-class.ts';
import type { ErrorFacts } from './error-facts.ts';
import type { Origin } from './origins.ts';

/** Holds for an error if all that it says does. */
export interface ClassifierRule {
  /** `origin.what`; stable, shown as `matched_rule`. */
  readonly name: string;
  /** Only for errors of these origins. Default: any. */
  readonly origins?: readonly Origin[];
  /** Names of classes, also of those it inherits from. */
  readonly types?: readonly string[];
  /** Values of `code`, and of `type` where there is no code; a `*` stands for any characters. */
  readonly codes?: readonly string[];
  /** HTTP status, `429`; `4*` for all of them. */
  readonly statuses?: readonly string[];
  /** Must take linear time. */
  readonly message?: RegExp;
  readonly errorClass: ErrorClass;
  /** Default: by the class. */
  readonly severity?: ErrorSeverity;
  /** Default: by the class. */
  readonly retryable?: boolean;
}

/** Whether a row holds for one error of a chain. */
export function ruleHolds(rule: ClassifierRule, facts: ErrorFacts, origin: Origin): boolean {
  const { origins, types, codes, statuses, message } = rule;
  if (origins !== undefined && !origins.includes(origin)) return false;
  if (types !== undefined && !facts.types.some((type) => types.includes(type))) return false;
  if (codes !== undefined && !matchesAny(codes, facts.code)) return false;
  if (statuses !== undefined && !matchesAny(statuses, facts.statusCode?.toString())) return false;
  return message === undefined || message.test(facts.message.slice(0, MAX_SEARCHED));
}

/** Characters of a message that patterns see. */
const MAX_SEARCHED = 1024;

/** Whether a text is one of some patterns, in which a `*` stands for any characters. */
export function matchesAny(patterns: readonly string[], value: string | undefined): boolean {
  return value !== undefined && patterns.some((pattern) => matches(pattern, value));
}

function matches(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end);
}
