/**
 * Sampling rules as one line of text, and back.
 *
 * `drop route=/health*; keep tenant=gold, name=POST *; 0.1`: rules are separated by `;`, the action comes first, then the
 * conditions, separated by commas. Layer: config.
 */
import type { SamplingCondition, SamplingRule } from './config.ts';
import { ratio } from './kinds.ts';

/** Conditions of these two names are not about an attribute. */
export const NAME = 'name';
export const ROUTE = 'route';

/** Text of each rule, empty ones left out. */
export function splitRules(text: string): readonly string[] {
  return text
    .split(';')
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
}

/** One rule; `undefined` when the text is none. */
export function parseRule(text: string): SamplingRule | undefined {
  const [, action = '', rest = ''] = /^(\S+)(?:\s+(.*))?$/s.exec(text) ?? [];
  const share = parseAction(action.toLowerCase());
  const conditions = rest === '' ? [] : rest.split(',').map(parseCondition);
  if (share === undefined || !conditions.every((condition) => condition !== undefined)) return undefined;
  return { conditions, ratio: share };
}

/** Share of traces an action keeps; `undefined` when it is none. */
export function parseAction(action: unknown): number | undefined {
  if (action === 'keep') return 1;
  if (action === 'drop') return 0;
  if (typeof action !== 'number' && typeof action !== 'string') return undefined;
  return `${action}`.trim() === '' ? undefined : ratio.parse(`${action}`);
}

function parseCondition(text: string): SamplingCondition | undefined {
  const at = text.indexOf('=');
  const [key, pattern] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  return key === '' ? undefined : toCondition(key, pattern);
}

/** The condition that what `key` stands for is `pattern`. */
export function toCondition(key: string, pattern: string): SamplingCondition {
  return key === NAME || key === ROUTE ? { subject: key, pattern } : { subject: 'attribute', key, pattern };
}

/** As people may write it. */
export function formatRules(rules: readonly SamplingRule[]): string {
  return rules.map(formatRule).join('; ');
}

function formatRule({ conditions, ratio: share }: SamplingRule): string {
  const action = share === 1 ? 'keep' : share === 0 ? 'drop' : `${share}`;
  const texts = conditions.map((each) => `${each.subject === 'attribute' ? each.key : each.subject}=${each.pattern}`);
  return [action, texts.join(', ')].filter((part) => part !== '').join(' ');
}
