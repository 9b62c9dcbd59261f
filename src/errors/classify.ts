/**
 * Says what an error means: by its type, else by its HTTP status, else by the words of its message.
 *
 * Pure: the same error always has the same classification. The first row that holds for any error of the chain of
 * causes decides; the user's rows come first.
 * Layer: errors.
 */
import { epochMillis } from '../core/clock.ts';
import { type ClassifierRule, ruleHolds } from './classifier-rule.ts';
import { type Classification, TRAITS } from './error-class.ts';
import { errorChain, type ErrorFacts, readFacts } from './error-facts.ts';
import { type Source, sourceOf, sourceOfChain } from './origins.ts';
import { readQuota } from './quota.ts';
import { GENERAL_TYPE_RULES, MESSAGE_RULES, STATUS_RULES } from './rules/general.ts';
import { PROVIDER_RULES } from './rules/providers.ts';

/** The table in the order in which it is asked. */
export const RULES: readonly ClassifierRule[] = [
  ...PROVIDER_RULES,
  ...GENERAL_TYPE_RULES,
  ...STATUS_RULES,
  ...MESSAGE_RULES,
];

/** What a user's rule says of an error it holds for; what is missing is settled as without it. */
export type Opinion = Partial<Pick<Classification, 'errorClass' | 'severity' | 'retryable' | 'provider'>> & {
  readonly name: string;
};

/** Asks the rules of the user; undefined if none holds. */
export type AskUser = (error: unknown, chain: readonly ErrorFacts[]) => Opinion | undefined;

/** What is known beside the error. */
export interface ClassifyOptions {
  readonly askUser?: AskUser | undefined;
  /** It was answered with 5xx: frameworks write that status to the error, where it tells nothing of the error itself. */
  readonly isAnswered?: boolean;
}

/** Classifies anything that was thrown. */
export function classify(error: unknown, { askUser, isAnswered }: ClassifyOptions = {}): Classification {
  const read = errorChain(error).map(readFacts);
  const chain = isAnswered === true ? read.map(withoutAnswer) : read;
  const source = sourceOfChain(chain);
  const opinion = askUser?.(error, chain);
  const rule = opinion?.errorClass === undefined ? findRule(chain, source) : undefined;
  const errorClass = opinion?.errorClass ?? rule?.errorClass ?? 'unknown';
  const traits = TRAITS[errorClass];
  return {
    errorClass,
    severity: opinion?.severity ?? rule?.severity ?? traits.severity,
    retryable: opinion?.retryable ?? rule?.retryable ?? traits.retryable,
    provider: opinion?.provider ?? source.provider,
    statusCode: chain.find(({ statusCode }) => statusCode !== undefined)?.statusCode,
    quota: firstQuota(chain),
    recommendedAction: traits.recommendedAction,
    matchedRule: opinion?.name ?? rule?.name ?? 'none',
  };
}

function withoutAnswer(facts: ErrorFacts): ErrorFacts {
  const isWritten = facts.statusCode === 500 && !facts.isAnswer && sourceOf(facts) === undefined;
  return isWritten ? { ...facts, statusCode: undefined } : facts;
}

function findRule(chain: readonly ErrorFacts[], source: Source): ClassifierRule | undefined {
  // A cause that tells nothing of its own is of the same origin as what it is the cause of.
  const origins = chain.map((facts) => sourceOf(facts)?.origin ?? source.origin);
  return RULES.find((rule) => chain.some((facts, index) => ruleHolds(rule, facts, origins[index] ?? 'other')));
}

function firstQuota(chain: readonly ErrorFacts[]): Classification['quota'] {
  for (const { headers } of chain) {
    const quota = headers === undefined ? undefined : readQuota(headers, epochMillis());
    if (quota !== undefined) return quota;
  }
  return undefined;
}
