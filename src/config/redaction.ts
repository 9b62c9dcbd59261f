/**
 * Settles what counts as a secret.
 *
 * Layer: config.
 */
import type { RedactionConfig } from './config.ts';
import type { RedactOptions } from './options.ts';
import type { Reader } from './reader.ts';
import {
  DUOTEL_REDACT,
  DUOTEL_REDACT_KEEP_KEYS,
  DUOTEL_REDACT_KEYS,
  DUOTEL_REDACT_PATTERNS,
  isRedactionPattern,
} from './variables/redaction.ts';

/** Lists of code and environment are added up: a secret somebody named stays one. */
export function resolveRedaction(reader: Reader, options: RedactOptions = {}): RedactionConfig {
  const { mode } = options;
  const isMode = mode === 'off' || mode === 'on' || mode === 'strict';
  if (isMode) reader.settle(DUOTEL_REDACT, mode, 'code');
  else if (mode !== undefined) reportOption(reader, 'mode', 'off, on or strict');
  return {
    mode: isMode ? mode : reader.value(DUOTEL_REDACT),
    keys: [...(reader.given(DUOTEL_REDACT_KEYS) ?? []), ...texts(reader, options, 'keys')],
    keptKeys: [...(reader.given(DUOTEL_REDACT_KEEP_KEYS) ?? []), ...texts(reader, options, 'keepKeys')],
    patterns: [
      ...(reader.given(DUOTEL_REDACT_PATTERNS) ?? []),
      ...texts(reader, options, 'patterns').filter((pattern) => {
        const isPattern = isRedactionPattern(pattern);
        if (!isPattern) reportOption(reader, 'patterns', DUOTEL_REDACT_PATTERNS.kind.expects);
        return isPattern;
      }),
    ],
    replace: functionOf(reader, options),
  };
}

function texts(reader: Reader, options: RedactOptions, name: 'keys' | 'keepKeys' | 'patterns'): readonly string[] {
  const given: unknown = options[name] ?? [];
  if (Array.isArray(given) && given.every((text) => typeof text === 'string')) return given;
  reportOption(reader, name, 'a list of texts');
  return [];
}

function functionOf(reader: Reader, { replace }: RedactOptions): RedactionConfig['replace'] {
  if (replace === undefined || typeof replace === 'function') return replace;
  reportOption(reader, 'replace', 'a function');
  return undefined;
}

function reportOption(reader: Reader, name: keyof RedactOptions, expects: string): void {
  reader.report({
    severity: 'notice',
    code: 'DUOTEL_CONFIG_INVALID',
    message: `The option redact.${name} is not ${expects}; it is ignored, and the built-in rules stay in force.`,
  });
}
