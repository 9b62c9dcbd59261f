/**
 * Rules about spans that start: the first one that matches decides.
 *
 * Layer: traces. Loaded with the sampler that needs them.
 */
import type { Attributes } from '@opentelemetry/api';
import type { SamplingCondition, SamplingRule } from '../config/config.ts';
import { createPattern } from './pattern.ts';
import { createTraceRatio } from './trace-ratio.ts';

/** What is known of a span when it starts. */
export interface StartingSpan {
  readonly traceId: string;
  readonly name: string;
  readonly attributes: Attributes;
}

/** Whether a rule keeps the span; `undefined`: none matches. */
export type Rules = (span: StartingSpan) => boolean | undefined;

/** Makes the test for a list of rules, once. */
export function createRules(rules: readonly SamplingRule[]): Rules {
  const find = createRuleFinder(rules);
  return (span) => find(span)?.isInRatio(span.traceId);
}

/** A rule that can be applied. */
export interface ReadyRule {
  readonly ratio: number;
  readonly isInRatio: (traceId: string) => boolean;
}

/** Makes the search for the first rule that matches. */
export function createRuleFinder(rules: readonly SamplingRule[]): (span: StartingSpan) => ReadyRule | undefined {
  const compiled = rules.map(({ conditions, ratio }) => ({
    conditions: conditions.map(createCondition),
    ratio,
    isInRatio: createTraceRatio(ratio),
  }));
  return (span) => compiled.find(({ conditions }) => conditions.every((isMet) => isMet(span)));
}

function createCondition(condition: SamplingCondition): (span: StartingSpan) => boolean {
  const isMatch = createPattern(condition.pattern);
  if (condition.subject === 'attribute') return ({ attributes }) => isText(attributes[condition.key], isMatch);
  if (condition.subject === 'route') return ({ attributes }) => isText(routeOf(attributes), isMatch);
  return ({ name }) => isMatch(name);
}

/** Few frameworks know the route when the span starts; the path is always there. */
function routeOf(attributes: Attributes): unknown {
  return attributes['http.route'] ?? attributes['url.path'];
}

/** Lists are no text; a number or a truth value is compared as it is written. */
function isText(value: unknown, isMatch: (text: string) => boolean): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? isMatch(`${value}`)
    : false;
}
