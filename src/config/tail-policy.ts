/**
 * The policy of the tail buffer as one line of text, and back: `errors, slow:2s, ratio:0.1`.
 *
 * Layer: config. Loaded when there is a policy.
 */
import type { TailPolicy } from './config.ts';
import { ratio } from './kinds.ts';

/** How long spans wait for the end of their local root when nothing is said. */
export const DEFAULT_WAIT_MILLIS = 30_000;

/** A day; beyond the reach of a timer nothing would be held for long enough. */
const MAX_MILLIS = 86_400_000;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** What is kept without any word: nothing. */
export const NOTHING_KEPT: TailPolicy = {
  keepsErrors: false,
  slowMillis: undefined,
  ratio: 0,
  waitMillis: DEFAULT_WAIT_MILLIS,
};

/** The policy a text asks for; `undefined` when it is none. */
export function parseTailPolicy(text: string): TailPolicy | undefined {
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  let policy = NOTHING_KEPT;
  for (const word of words) {
    const part = parseWord(word);
    if (part === undefined) return undefined;
    policy = { ...policy, ...part };
  }
  return policy;
}

function parseWord(word: string): Partial<TailPolicy> | undefined {
  if (word === 'errors') return { keepsErrors: true };
  const [name, argument = ''] = word.split(/:(.*)/s).map((part) => part.trim());
  if (name === 'ratio') {
    const share = argument === '' ? undefined : ratio.parse(argument);
    return share === undefined ? undefined : { ratio: share };
  }
  const millis = parseDuration(argument);
  if (millis === undefined) return undefined;
  if (name === 'slow') return { slowMillis: millis };
  return name === 'wait' ? { waitMillis: millis } : undefined;
}

/** A time with its unit: `250ms`, `2s`, `1.5m`. */
function parseDuration(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|m)$/.exec(text) ?? [];
  return usableMillis(number === '' ? undefined : Number(number) * (UNITS[unit] ?? Number.NaN));
}

/** A time spans can be held; `undefined` for anything else. */
export function usableMillis(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value <= MAX_MILLIS ? value : undefined;
}

/** As people may write it. */
export function formatTail({ keepsErrors, slowMillis, ratio: share, waitMillis }: TailPolicy): string {
  const words = [
    ...(keepsErrors ? ['errors'] : []),
    ...(slowMillis === undefined ? [] : [`slow:${slowMillis}ms`]),
    `ratio:${share}`,
    `wait:${waitMillis}ms`,
  ];
  return words.join(',');
}
