/**
 * What counts as a secret in this process: settled when telemetry starts, read by the redactor when it is loaded; and what it has found.
 *
 * Apart from the redactor, which nothing needs before the first item is encoded. Layer: encode. Loaded at start-up.
 */
import type { RedactionConfig } from '../config/config.ts';
import type { SecretKind } from '../core/redaction/secret-text.ts';

/** What a secret was told by; `pattern` and `function` are the user's rules, `sql` literals of statements. */
export type RedactionKind = SecretKind | 'sql' | 'pattern' | 'function';

/** On before anybody has thought of it, and after telemetry has ended. */
let inForce: RedactionConfig = { mode: 'on', keys: [], keptKeys: [], patterns: [], replace: undefined };

/** Settles it from now on. */
export function useRedaction(config: RedactionConfig): void {
  inForce = config;
}

export function redactionInForce(): RedactionConfig {
  return inForce;
}

const counts = new Map<RedactionKind, number>();

/** Notes that a secret was replaced. */
export function countRedaction(kind: RedactionKind): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** Secrets replaced since the start, by what they were told by. */
export function redactionCounts(): Partial<Record<RedactionKind, number>> {
  return Object.fromEntries(counts);
}
